"""The page's looks: near-monochrome, so that the genres' colours are the only ones that speak."""

import gradio as gr

# System fonts: nothing is fetched from anywhere else.
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

# Light and dark. Text on each ground passes WCAG AA.
_PAIRS = {
    "body_background_fill": ("#f6f6f4", "#0f1116"),
    "body_text_color": ("#15171c", "#eceef2"),
    "body_text_color_subdued": ("#5a606b", "#a0a7b4"),
    "background_fill_primary": ("#ffffff", "#171a21"),
    "background_fill_secondary": ("#f0f0ed", "#1e222b"),
    "block_background_fill": ("#ffffff", "#171a21"),
    "block_label_background_fill": ("#ffffff", "#171a21"),
    "block_label_text_color": ("#5a606b", "#a0a7b4"),
    "border_color_primary": ("#e3e3df", "#2a2f3a"),
    "block_border_color": ("#e3e3df", "#2a2f3a"),
    "color_accent_soft": ("#ecebfd", "#25274a"),
    "link_text_color": ("#3b3bc4", "#a5b0ff"),
    "table_even_background_fill": ("#ffffff", "#171a21"),
    "table_odd_background_fill": ("#f6f6f4", "#1c2029"),
    "table_border_color": ("#e3e3df", "#2a2f3a"),
    "code_background_fill": ("#f0f0ed", "#1e222b"),
    "button_primary_border_color": ("#15171c", "#eceef2"),
    "button_primary_border_color_hover": ("#15171c", "#eceef2"),
    "button_primary_background_fill": ("#15171c", "#eceef2"),
    "button_primary_background_fill_hover": ("#33363d", "#ffffff"),
    "button_primary_text_color": ("#ffffff", "#15171c"),
    "button_secondary_background_fill": ("#ffffff", "#1e222b"),
    "button_secondary_background_fill_hover": ("#f0f0ed", "#272c37"),
    "button_secondary_border_color": ("#d6d6d1", "#363c49"),
    "button_secondary_text_color": ("#15171c", "#eceef2"),
}


def theme() -> gr.themes.Base:
    """Gradio's plain theme with the page's colours, corners and fonts.

    Returns
    -------
    gr.themes.Base
    """
    colours = {
        name + suffix: colour
        for name, pair in _PAIRS.items()
        for suffix, colour in zip(("", "_dark"), pair, strict=True)
    }
    base = gr.themes.Base(
        primary_hue="indigo", neutral_hue="slate", radius_size="lg", font=_SANS, font_mono=_MONO
    )
    return base.set(
        **colours,
        button_border_width="1px",
        button_large_text_weight="500",
        button_medium_text_weight="500",
        block_border_width="1px",
        block_radius="14px",
        block_shadow="none",
    )
