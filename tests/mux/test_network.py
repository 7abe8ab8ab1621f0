"""No name can make the bot connect to an address inside the network."""

from __future__ import annotations

import httpx
import pytest

from bot.errors import FileRefused
from bot.mux.network import Checked, is_public, proxy_for, resolve

PUBLIC = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::1", "64:ff9b::808:808"]
PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - judged here, never bound
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_not_however_they_are_written(address: str) -> None:
    assert not is_public(address)


class Inner(httpx.AsyncBaseTransport):
    """Takes connections at some addresses only."""

    def __init__(self, *deaf: str) -> None:
        self.deaf = deaf
        self.seen: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if request.url.host in self.deaf:
            raise httpx.ConnectTimeout("")
        return httpx.Response(200, content=b"ok")


def leading_to(*addresses: str):
    async def look_up(host: str, port: int) -> list[str]:
        assert (host, port) == ("files.example", 443)
        return list(addresses)

    return look_up


async def get(inner: Inner, *addresses: str, private: bool = False) -> httpx.Response:
    transport = Checked(inner, private=private, look_up=leading_to(*addresses))
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.get("https://files.example/a?b=c")


async def test_the_judged_address_is_the_one_connected_to_under_the_name() -> None:
    inner = Inner()
    assert (await get(inner, "8.8.8.8")).status_code == 200
    (request,) = inner.seen
    assert (str(request.url), request.headers["host"]) == ("https://8.8.8.8/a?b=c", "files.example")
    assert request.extensions["sni_hostname"] == "files.example"


async def test_the_next_address_is_tried() -> None:
    inner = Inner("2606:4700::1111")
    assert (await get(inner, "2606:4700::1111", "8.8.8.8")).status_code == 200
    assert [request.url.host for request in inner.seen] == ["2606:4700::1111", "8.8.8.8"]


async def test_one_private_address_among_others_is_enough_to_refuse() -> None:
    inner = Inner()
    with pytest.raises(FileRefused) as caught:
        await get(inner, "8.8.8.8", "10.0.0.1")
    assert (caught.value.code, caught.value.host, inner.seen) == ("foreign_host", "files.example", [])
    assert (await get(inner, "10.0.0.1", private=True)).status_code == 200


async def test_a_name_that_leads_nowhere_is_not_reached() -> None:
    async def nowhere(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    transport = Checked(Inner(), private=False, look_up=nowhere)
    async with httpx.AsyncClient(transport=transport) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get("https://files.example/")
    with pytest.raises(httpx.ConnectError):
        await get(Inner("8.8.8.8"), "8.8.8.8")


async def test_an_address_resolves_to_itself() -> None:
    assert await resolve("127.0.0.1", 80) == ["127.0.0.1"]


def test_this_machine_has_no_proxy(monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "inside.example")
    assert proxy_for("http://127.0.0.1:1/x") is None
    assert proxy_for("http://inside.example/x") is None
    assert proxy_for("http://outside.example/x") == "http://proxy.test:3128"


async def test_the_host_and_port_of_a_setting_may_be_inside_and_no_other_port_of_it() -> None:
    async def inside(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1"]

    transport = Checked(Inner(), private=False, own={("mux.inside", 3030)}, look_up=inside)
    async with httpx.AsyncClient(transport=transport) as http:
        assert (await http.get("http://mux.inside:3030/a")).status_code == 200
        with pytest.raises(FileRefused):
            await http.get("http://mux.inside:22/a")
