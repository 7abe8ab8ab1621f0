"""The canvas writes files that another program reads as what was drawn."""

from __future__ import annotations

import io
from typing import cast

import pytest
from PIL import Image, ImageFont

from bot.ui.canvas import Canvas, Colour, font
from bot.ui.glyphs import CHARACTERS, PACKED

WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)
RED: Colour = (200, 0, 0)


def read(canvas: Canvas) -> Image.Image:
    image = Image.open(io.BytesIO(canvas.png()))
    assert (image.format, image.size) == ("PNG", (canvas.width, canvas.height))
    return image.convert("RGB")


def places(image: Image.Image, colour: Colour) -> set[tuple[int, int]]:
    return {
        (x, y) for x in range(image.width) for y in range(image.height) if image.getpixel((x, y)) == colour
    }


def test_a_box_fills_its_corners_and_nothing_beyond_them():
    canvas = Canvas(9, 7, WHITE)
    canvas.box(2, 3, 4, 5, RED)

    assert places(read(canvas), RED) == {(x, y) for x in (2, 3, 4) for y in (3, 4, 5)}


def test_a_box_of_one_column_is_an_upright_line():
    canvas = Canvas(5, 6, WHITE)
    canvas.box(4, 1, 4, 5, RED)

    assert places(read(canvas), RED) == {(4, y) for y in range(1, 6)}


@pytest.mark.parametrize("corners", [(-9, 1, -1, 3), (5, 1, 9, 3), (1, 7, 3, 9), (3, 1, 2, 3), (1, 3, 2, 2)])
def test_what_is_outside_or_has_no_room_is_left_out(corners):
    canvas = Canvas(5, 6, WHITE)
    canvas.box(*corners, RED)

    assert not places(read(canvas), RED)


def test_a_box_that_reaches_over_the_edge_is_cut_there():
    canvas = Canvas(4, 3, WHITE)
    canvas.box(-5, -5, 50, 50, RED)

    assert len(places(read(canvas), RED)) == 12


def test_words_are_dark_inside_and_soft_at_their_edges():
    canvas = Canvas(60, 40, WHITE)
    canvas.write("Ho", 4, 2, BLACK, font(26))
    image = read(canvas)

    assert places(image, BLACK)
    shades = {cast("Colour", colour)[0] for _, colour in image.getcolors(5_000) or []}
    assert len(shades) > 8


def test_words_over_the_edge_are_cut_there():
    canvas = Canvas(30, 12, WHITE)
    canvas.write("Edges everywhere", -8, -9, BLACK, font(34))

    assert places(read(canvas), BLACK)


def test_a_canvas_that_has_every_colour_takes_the_nearest():
    canvas = Canvas(300, 2, WHITE)
    for column in range(300):
        canvas.box(column, 0, column, 0, (column % 256, column // 256, 0))

    image = read(canvas)
    assert image.getpixel((254, 0)) == (254, 0, 0)
    assert image.getpixel((299, 0)) == (43, 0, 0)


@pytest.mark.parametrize("size", PACKED)
def test_letters_are_as_wide_as_their_typeface_has_them(size):
    drawn = cast("ImageFont.FreeTypeFont", ImageFont.load_default(size))

    for text in (CHARACTERS, "Reading speed: Launch keynote", "0:45"):
        assert font(size).width(text) == pytest.approx(drawn.getlength(text))
    assert font(size).height == sum(drawn.getmetrics())


def test_a_font_says_what_it_lacks():
    assert font(26).has("Launch keynote \u00b7 23 of 60")
    assert not font(26).has("Gr\u00f6\u00dfe")
    assert font(26).has("")
