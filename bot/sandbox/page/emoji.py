"""The emoji that bots write as `:names:`; any other name stays as it was written."""

from __future__ import annotations

from types import MappingProxyType

from bot.sandbox.page.html import Html, tag

EMOJI = MappingProxyType(
    {
        "+1": "👍",
        "-1": "👎",
        "alarm_clock": "⏰",
        "arrow_down": "⬇️",
        "arrow_right": "➡️",
        "arrows_counterclockwise": "🔄",
        "ballot_box_with_check": "☑️",
        "bar_chart": "📊",
        "bell": "🔔",
        "book": "📖",
        "bulb": "💡",
        "clapper": "🎬",
        "clipboard": "📋",
        "clock1": "🕐",
        "closed_lock_with_key": "🔐",
        "construction": "🚧",
        "eyes": "👀",
        "exclamation": "❗",
        "file_folder": "📁",
        "film_frames": "🎞️",
        "film_projector": "📽️",
        "gear": "⚙️",
        "globe_with_meridians": "🌐",
        "hammer_and_wrench": "🛠️",
        "hand": "✋",
        "heart": "❤️",
        "heavy_check_mark": "✔️",
        "hourglass": "⌛",
        "hourglass_flowing_sand": "⏳",
        "inbox_tray": "📥",
        "information_source": "ℹ️",  # noqa: RUF001 - the sign itself
        "key": "🔑",
        "large_blue_circle": "🔵",
        "large_green_circle": "🟢",
        "large_orange_circle": "🟠",
        "large_red_circle": "🔴",
        "large_yellow_circle": "🟡",
        "link": "🔗",
        "lock": "🔒",
        "mag": "🔍",
        "mega": "📣",
        "memo": "📝",
        "moneybag": "💰",
        "movie_camera": "🎥",
        "musical_note": "🎵",
        "no_entry": "⛔",
        "no_entry_sign": "🚫",
        "notes": "🎶",
        "octagonal_sign": "🛑",
        "outbox_tray": "📤",
        "page_facing_up": "📄",
        "paperclip": "📎",
        "pencil": "📝",
        "pencil2": "✏️",
        "point_right": "👉",
        "question": "❓",
        "repeat": "🔁",
        "rocket": "🚀",
        "rotating_light": "🚨",
        "satellite": "📡",
        "slightly_smiling_face": "🙂",
        "smile": "😄",
        "speech_balloon": "💬",
        "sparkles": "✨",
        "stopwatch": "⏱️",
        "studio_microphone": "🎙️",
        "tada": "🎉",
        "thumbsup": "👍",
        "tv": "📺",
        "video_camera": "📹",
        "warning": "⚠️",
        "wave": "👋",
        "white_check_mark": "✅",
        "white_circle": "⚪",
        "wrench": "🔧",
        "x": "❌",
        "zap": "⚡",
    }
)


def emoji(name: str) -> Html | None:
    """Return the named emoji with its name for screen readers, or None when it is not known."""
    sign = EMOJI.get(name)
    if sign is None:
        return None
    spoken = name.replace("_", " ")
    return tag("span", sign, class_="emoji", role="img", aria_label=spoken, title=f":{name}:")
