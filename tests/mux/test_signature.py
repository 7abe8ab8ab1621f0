"""Only Mux is believed, and only in time."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mux.signature import BadSignature, sign, verify

BODY = b'{"type":"video.asset.ready","id":"e1"}'
# Made with: printf '1790000000.%s' "$BODY" | openssl dgst -sha256 -hmac whsec_one
HEX = "bd2db1ddd5a3d4d6dfb90c5b43dc35897f2950b7bd92398aeea958319230ba27"
GOOD = f"t=1790000000,v1={HEX}"
NOW = 1_790_000_000.0


def test_a_signature_made_with_openssl_is_accepted():
    verify(BODY, GOOD, ["whsec_one"], now=NOW)


def test_our_own_signing_is_the_same():
    assert sign(BODY, "whsec_one", at=1_790_000_000) == GOOD


@pytest.mark.parametrize(
    ("header", "secrets"),
    [
        (GOOD, ["whsec_new", "whsec_one"]),
        (GOOD, ["whsec_one", "", "whsec_new"]),
        (f"t=1790000000,v1={'0' * 64},v1={HEX}", ["whsec_one"]),
        (f"t=1790000000,v1={HEX},v1={'0' * 64}", ["whsec_one"]),
        (f"v1={HEX},t=1790000000", ["whsec_one"]),
        (f"t=1790000000, v1={HEX}, v0=ignored, future", ["whsec_one"]),
        (f"t=1790000000,v1=\N{SNOWMAN},v1={HEX}", ["whsec_one"]),
        (f"t=1790000000,v1={HEX.upper()}", ["whsec_one"]),
    ],
)
def test_any_pair_of_signature_and_secret_may_fit(header, secrets):
    verify(BODY, header, secrets, now=NOW)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("nonsense", "malformed"),
        (f"v1={HEX}", "malformed"),
        ("t=1790000000", "malformed"),
        (f"t=1790000000,t=1790000000,v1={HEX}", "malformed"),
        (f"t=,v1={HEX}", "malformed"),
        (f"t=-1790000000,v1={HEX}", "malformed"),
        (f"t=1790000000.0,v1={HEX}", "malformed"),
        (f"t=1_790_000_000,v1={HEX}", "malformed"),
        (f"t=+1790000000,v1={HEX}", "malformed"),
        (f"t=\N{ARABIC-INDIC DIGIT ONE}790000000,v1={HEX}", "malformed"),
        (f"t={'9' * 5000},v1={HEX}", "malformed"),
        (f"t={'9' * 13},v1={HEX}", "malformed"),
        (f"{GOOD}," + "v1=0," * 1000, "malformed"),
        (f"t=1790000000,v1={'0' * 64}", "mismatch"),
        (f"t=1790000000,v1={HEX[:-1]}", "mismatch"),
        ("t=1790000000,v1=", "mismatch"),
        ("t=1790000000,v1=\N{SNOWMAN}", "mismatch"),
        (f"t=1790000001,v1={HEX}", "mismatch"),
        (f"t=01790000000,v1={HEX}", "mismatch"),
    ],
)
def test_a_bad_header_is_refused_with_its_reason(header, reason):
    with pytest.raises(BadSignature) as caught:
        verify(BODY, header, ["whsec_one"], now=NOW)
    assert caught.value.reason == reason


@pytest.mark.parametrize("secrets", [[], [""], ["whsec_other"]])
def test_without_the_right_secret_nothing_is_believed(secrets):
    with pytest.raises(BadSignature) as caught:
        verify(BODY, sign(BODY, "", at=int(NOW)), secrets, now=NOW)
    assert caught.value.reason == "mismatch"


def test_one_changed_byte_of_the_body_is_noticed():
    with pytest.raises(BadSignature, match="no signature"):
        verify(BODY + b" ", GOOD, ["whsec_one"], now=NOW)


@pytest.mark.parametrize("drift", [-300, 300, 0, 299.9])
def test_five_minutes_of_drift_are_allowed(drift):
    verify(BODY, GOOD, ["whsec_one"], now=NOW + drift)


@pytest.mark.parametrize("drift", [-300.1, 300.1, 86_400, -NOW])
def test_a_genuine_signature_from_another_time_is_called_stale(drift):
    with pytest.raises(BadSignature) as caught:
        verify(BODY, GOOD, ["whsec_one"], now=NOW + drift)
    assert caught.value.reason == "stale"


def test_an_old_signature_that_is_not_genuine_is_no_clock_problem():
    with pytest.raises(BadSignature) as caught:
        verify(BODY, GOOD, ["whsec_other"], now=NOW + 86_400)
    assert caught.value.reason == "mismatch"


@given(
    raw=st.binary(max_size=64),
    header=st.one_of(st.text(), st.from_regex(r"t=[0-9]{0,20},v1=.{0,70}(,v1=.*)?")),
    now=st.floats(allow_nan=False, allow_infinity=False),
)
def test_no_header_does_worse_than_being_refused(raw, header, now):
    with contextlib.suppress(BadSignature):
        verify(raw, header, ["whsec_one"], now=now)


@given(raw=st.binary(max_size=64), secret=st.text(min_size=1), at=st.integers(0, 10**12 - 1))
def test_what_was_signed_is_accepted_at_once(raw, secret, at):
    secret = secret.encode("utf-8", "replace").decode()
    verify(raw, sign(raw, secret, at=at), [secret], now=at)
