"""The page's looks, as a theme of Gradio's."""

from gradio import themes

from songnet import colours

# System fonts: nothing is fetched from anywhere else.
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")

# The colours by Gradio's names for what has them.
_COLOURS = {
    "body_background_fill": colours.GROUND,
    "body_text_color": colours.TEXT,
    "body_text_color_subdued": colours.MUTED,
    "background_fill_primary": colours.CARD,
    "background_fill_secondary": colours.FILL,
    "block_background_fill": colours.CARD,
    "block_label_background_fill": colours.CARD,
    "block_label_text_color": colours.MUTED,
    "block_title_text_color": colours.MUTED,
    "border_color_primary": colours.LINE,
    "block_border_color": colours.LINE,
    "color_accent_soft": colours.SELECTED,
    "input_background_fill": colours.FILL,
    "link_text_color": colours.LINK,
    "table_even_background_fill": colours.CARD,
    "table_odd_background_fill": colours.STRIPE,
    "table_border_color": colours.LINE,
    "code_background_fill": colours.FILL,
    "button_primary_border_color": colours.TEXT,
    "button_primary_border_color_hover": colours.TEXT,
    "button_primary_background_fill": colours.TEXT,
    "button_primary_background_fill_hover": colours.STRONG_HOVER,
    "button_primary_text_color": colours.TEXT_REVERSED,
    "button_secondary_background_fill": colours.BUTTON,
    "button_secondary_background_fill_hover": colours.BUTTON_HOVER,
    "button_secondary_border_color": colours.BUTTON_LINE,
    "button_secondary_text_color": colours.TEXT,
}


def theme() -> themes.Base:
    """Gradio's plain theme with the page's colours, corners and fonts.

    Returns
    -------
    gradio.themes.Base
    """
    light = {name: pair.light for name, pair in _COLOURS.items()}
    dark = {f"{name}_dark": pair.dark for name, pair in _COLOURS.items()}
    base = themes.Base(
        primary_hue="indigo", neutral_hue="slate", radius_size="lg", font=_SANS, font_mono=_MONO
    )
    return base.set(
        **light,
        **dark,
        button_border_width="1px",
        button_large_text_weight="500",
        button_medium_text_weight="500",
        block_border_width="1px",
        block_radius="14px",
        block_shadow="none",
    )
