"""Transactions: durable, batched on SQLite, each failing alone, and unharmed by cancelled callers."""

from __future__ import annotations

import pytest


async def test_a_transaction_returns_what_its_function_returns(store, query):
    assert await store.transaction(lambda tx: tx.now) > 0
    assert await query("SELECT 1 AS one") == [(1,)]
