"""The limits are data, and never above what Slack promises."""

from __future__ import annotations

from bot.slack.tiers import LIMITS, TIER_2, Limit, Per, limits_of


def test_a_post_counts_for_its_channel_and_its_workspace():
    assert limits_of("chat.postMessage") == (Limit(60, Per.CHANNEL), Limit(300, Per.WORKSPACE))


def test_changes_and_reads_share_nothing_but_their_tier():
    methods = ["chat.update", "conversations.replies", "conversations.history"]
    assert [limits_of(method) for method in methods] == [(Limit(50),)] * 3
    assert limits_of("views.open") == limits_of("files.completeUploadExternal") == (Limit(100),)


def test_an_unlisted_method_is_called_with_restraint():
    assert limits_of("admin.something") == TIER_2


def test_every_method_has_a_limit_per_workspace():
    assert all(any(limit.per is Per.WORKSPACE for limit in limits) for limits in LIMITS.values())
