"""What every table is declared with."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Integer, MetaData

metadata: Final = MetaData()

# SQLite only auto-increments a column whose type is exactly INTEGER.
ROW_ID: Final = BigInteger().with_variant(Integer, "sqlite")
