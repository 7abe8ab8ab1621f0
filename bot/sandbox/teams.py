"""Workspaces, the people in them, and the organization that owns two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RoomKind = Literal["public", "private"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Another company's workspace, of which nothing is seen but shared channels and the people in them."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody in the workspace, as Slack names them.

    `is_restricted` is a guest. `company` is somebody from elsewhere who is here through Slack Connect only.
    """

    id: str
    name: str
    real_name: str
    is_admin: bool = False
    is_restricted: bool = False
    company: Company | None = None

    @property
    def is_member(self) -> bool:
        """Say whether every channel is open to this person: not to guests, nor to people from elsewhere."""
        return not self.is_restricted and self.company is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A channel that is there from the start; `bot` says whether somebody invited the bot.

    All members of the workspace are in it. `invited` are the ids of the guests and the people from elsewhere
    who are too, `shared_with` the companies that see it through Slack Connect.
    """

    id: str
    name: str
    kind: RoomKind = "public"
    bot: bool = True
    invited: tuple[str, ...] = ()
    shared_with: tuple[Company, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A further workspace, in which the app has yet to be installed.

    `enterprise_id` and `enterprise_name` name the organization that owns it, if one does.
    """

    id: str
    name: str
    domain: str
    bot_id: str
    bot_user_id: str
    people: tuple[Person, ...]
    rooms: tuple[Room, ...]
    enterprise_id: str = ""
    enterprise_name: str = ""


LUMEN = Company(id="T0LUMEN", name="Lumen Studio", domain="lumen-studio")
ROOMS = (
    Room(id="C0DEMO", name="captions-demo", invited=("U0GIL",)),
    Room(id="C0PAYLOAD", name="payload-reviews"),
    Room(id="C0ANNOUNCE", name="announcements", bot=False),
    Room(id="G0BOARD", name="board-films", kind="private", bot=False),
    Room(id="C0LUMEN", name="films-with-lumen", invited=("U0KAI",), shared_with=(LUMEN,)),
)
PEOPLE = (
    Person(id="U0ANA", name="ana", real_name="Ana Costa"),
    Person(id="U0BEN", name="ben", real_name="Ben Okafor"),
    Person(id="U0ADA", name="ada", real_name="Ada Lindqvist", is_admin=True),
    Person(id="U0GIL", name="gil", real_name="Gil Duarte", is_restricted=True),
    Person(id="U0KAI", name="kai", real_name="Kai Moreau", company=LUMEN),
)
NORTHWIND = Team(
    id="T0NORTH",
    name="Northwind",
    domain="northwind",
    bot_id="B0NORTH",
    bot_user_id="U0NORTHBOT",
    people=(
        Person(id="U0NORA", name="nora", real_name="Nora Lind"),
        Person(id="U0OLE", name="ole", real_name="Ole Berg"),
    ),
    rooms=(
        Room(id="C0NORTH", name="northern-films"),
        Room(id="C0NORTHALL", name="all-northwind", bot=False),
    ),
)
_HARBOR = {"enterprise_id": "E0HARBOR", "enterprise_name": "Harbor Group"}
# What is installed for a whole organization has one bot user in all its workspaces.
_HARBOR_BOT = {"bot_id": "B0HARBOR", "bot_user_id": "U0HARBORBOT"}
QUAY = Team(
    id="T0QUAY",
    name="Harbor Quay",
    domain="harbor-quay",
    people=(Person(id="U0QUINN", name="quinn", real_name="Quinn Abara"),),
    rooms=(Room(id="C0QUAY", name="quay-films"),),
    **_HARBOR_BOT,
    **_HARBOR,
)
PIER = Team(
    id="T0PIER",
    name="Harbor Pier",
    domain="harbor-pier",
    people=(Person(id="U0PIA", name="pia", real_name="Pia Roth"),),
    rooms=(Room(id="C0PIER", name="pier-films"),),
    **_HARBOR_BOT,
    **_HARBOR,
)
