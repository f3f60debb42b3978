"""Make Gradio's own components follow our looks: its colours are the variables of `static/looks.css`."""

import gradio as gr

_COLOURS = {
    "var(--paper)": "body_background_fill background_fill_primary background_fill_secondary block_background_fill "
    "input_background_fill input_background_fill_focus input_background_fill_hover checkbox_background_color "
    "checkbox_background_color_hover checkbox_background_color_focus checkbox_label_background_fill "
    "button_secondary_background_fill panel_background_fill block_label_background_fill block_title_background_fill",
    "var(--raised)": "checkbox_label_background_fill_hover checkbox_label_background_fill_selected "
    "button_secondary_background_fill_hover button_primary_text_color_hover",
    "var(--ink)": "body_text_color block_label_text_color block_title_text_color checkbox_label_text_color "
    "checkbox_label_text_color_selected button_secondary_text_color button_secondary_text_color_hover "
    "accordion_text_color",
    "var(--quiet)": "body_text_color_subdued block_info_text_color input_placeholder_color",
    "var(--line)": "border_color_primary block_border_color input_border_color input_border_color_hover "
    "checkbox_border_color checkbox_border_color_hover checkbox_label_border_color panel_border_color",
    "var(--accent)": "border_color_accent color_accent link_text_color link_text_color_hover link_text_color_active "
    "link_text_color_visited button_primary_background_fill button_primary_background_fill_hover "
    "button_primary_border_color button_secondary_border_color button_secondary_border_color_hover "
    "input_border_color_focus checkbox_border_color_focus checkbox_border_color_selected "
    "checkbox_background_color_selected checkbox_label_border_color_selected",
    "var(--on-accent)": "button_primary_text_color button_primary_text_color_hover",
    "none": "block_shadow input_shadow input_shadow_focus button_primary_shadow button_secondary_shadow "
    "checkbox_shadow checkbox_label_shadow shadow_drop shadow_drop_lg",
}


def our_theme() -> gr.themes.Base:
    """Give a theme that is the same in Gradio's light and dark: ours are chosen in `looks.css`."""
    values = {name: colour for colour, names in _COLOURS.items() for name in names.split()}
    theme = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    known = [name for name in dir(theme) if not name.startswith("_")]
    both = {key: colour for name, colour in values.items() for key in (name, f"{name}_dark") if key in known}
    return theme.set(**both)
