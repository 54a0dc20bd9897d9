//! Prints an email as HTML that mail programs understand: tables, inline styles, no images, fonts or scripts.
//!
//! Styles are inline because some programs drop the style sheet. The style sheet holds only what inline styles can't
//! say: the colours of dark mode. Programs without dark mode show the light colours, or invert them on their own.

use super::{
    compose::Composer,
    content::{Block, Content},
};
use crate::rules::{colour::Palette, language::Language};

const FONT: &str = "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
const MONO: &str = "ui-monospace,'SF Mono',Menlo,Consolas,'Liberation Mono',monospace";

/// Prints the email.
pub(super) fn print(composer: &Composer, language: Language, content: &Content) -> String {
    let page = Page { composer };
    // Small print at the end goes below the rest.
    let (blocks, last) = match content.blocks.split_last() {
        Some((last @ Block::SmallPrint(_), blocks)) => (blocks, Some(last)),
        _ => (&content.blocks[..], None),
    };
    let body: String = blocks.iter().map(|block| page.block(block)).collect();
    let small = last.map(|block| page.block(block)).unwrap_or_default();
    let Palette { paper, surface, ink, line, .. } = &composer.palette;
    format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"supported-color-schemes\" content=\"light dark\">\
         <title>{title}</title>\n<style>{style}</style></head>\n\
         <body class=\"paper\" style=\"margin:0;padding:0;background-color:{paper};-webkit-text-size-adjust:100%\">\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" class=\"paper\" \
         style=\"background-color:{paper}\"><tr><td align=\"center\" style=\"padding:28px 14px 36px\">\n\
         <!--[if mso]><table role=\"presentation\" width=\"560\"><tr><td><![endif]-->\n\
         <table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
         style=\"max-width:560px;text-align:left\">\n\
         <tr><td style=\"padding:0 2px 18px\">{brand}</td></tr>\n\
         <tr><td class=\"surface ink line\" style=\"background-color:{surface};color:{ink};border:1px solid {line};\
         border-radius:10px;padding:30px 26px 14px;font-family:{FONT}\">\n{body}</td></tr>\n\
         <tr><td style=\"padding:18px 4px 0\">{small}</td></tr>\n</table>\n\
         <!--[if mso]></td></tr></table><![endif]-->\n</td></tr></table>\n</body></html>\n",
        lang = language.tag(),
        title = escape(&content.subject),
        style = style(&composer.palette),
        brand = page.brand(),
        paper = paper[0],
        surface = surface[0],
        ink = ink[0],
        line = line[0],
    )
}

/// The colour for light mode.
fn light(pair: &[String; 2]) -> &str {
    &pair[0]
}

/// The style sheet for dark mode.
fn style(palette: &Palette) -> String {
    let Palette { paper, surface, ink, ink_soft, line, accent, on_accent, notice } = palette;
    let [paper, surface, ink, soft, line, accent, on, notice] =
        [paper, surface, ink, ink_soft, line, accent, on_accent, notice].map(|pair| &pair[1]);
    format!(
        ":root{{color-scheme:light dark;supported-color-schemes:light dark}}\
         @media (prefers-color-scheme:dark){{\
         .paper{{background-color:{paper}!important}}.surface{{background-color:{surface}!important}}\
         .ink{{color:{ink}!important}}.soft{{color:{soft}!important}}.line{{border-color:{line}!important}}\
         .accent{{background-color:{accent}!important}}.on{{color:{on}!important}}\
         .link{{color:{accent}!important}}.notice{{background-color:{notice}!important}}}}"
    )
}

struct Page<'a> {
    composer: &'a Composer,
}

impl Page<'_> {
    /// The name, with its first letter as the logo: mail programs show no SVG, and an image would have to be loaded.
    fn brand(&self) -> String {
        let Palette { accent, on_accent, ink, .. } = &self.composer.palette;
        let name = self.composer.name;
        let letter = name.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        format!(
            "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"><tr>\
             <td width=\"30\" height=\"30\" align=\"center\" valign=\"middle\" aria-hidden=\"true\" class=\"accent on\" \
             style=\"width:30px;height:30px;border-radius:7px;background-color:{};color:{};\
             font:700 17px/30px {FONT};text-align:center\">{}</td>\
             <td class=\"ink\" style=\"padding-left:10px;color:{};font:600 17px/30px {FONT}\">{}</td></tr></table>",
            light(accent),
            light(on_accent),
            escape(&letter),
            light(ink),
            escape(name),
        )
    }

    fn block(&self, block: &Block) -> String {
        let palette = &self.composer.palette;
        match block {
            // The longest words are wider than a phone's screen.
            Block::Heading(text) => format!(
                "<h1 class=\"ink\" style=\"margin:0 0 14px;color:{};font:650 24px/1.25 {FONT};letter-spacing:-0.01em;\
                 -webkit-hyphens:auto;hyphens:auto;word-break:break-word\">{}</h1>\n",
                light(&palette.ink),
                escape(text)
            ),
            Block::Paragraph(text) => format!(
                "<p class=\"ink\" style=\"margin:0 0 16px;color:{};font:400 16px/1.55 {FONT}\">{}</p>\n",
                light(&palette.ink),
                escape(text)
            ),
            Block::Code(code) => format!(
                "<p class=\"notice ink\" style=\"margin:22px 0;padding:20px 8px;border-radius:8px;background-color:{};color:{};\
                 font:600 34px/1.2 {MONO};letter-spacing:3px;text-align:center;white-space:nowrap\">{}</p>\n",
                light(&palette.notice),
                light(&palette.ink),
                escape(code)
            ),
            Block::Button(label, path) => format!(
                "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:0 0 24px\"><tr>\
                 <td class=\"accent\" style=\"border-radius:7px;background-color:{}\"><a class=\"on\" href=\"{}\" \
                 style=\"display:inline-block;padding:13px 22px;color:{};font:600 16px/1.2 {FONT};text-decoration:none\">{}</a>\
                 </td></tr></table>\n",
                light(&palette.accent),
                self.address(path),
                light(&palette.on_accent),
                escape(label)
            ),
            Block::Link(label, path) => format!(
                "<p style=\"margin:0 0 20px;font:400 16px/1.55 {FONT}\"><a class=\"link\" href=\"{}\" style=\"color:{}\">{}</a></p>\n",
                self.address(path),
                light(&palette.accent),
                escape(label)
            ),
            Block::Facts(facts) => self.facts(facts),
            Block::SmallPrint(text) => format!(
                "<p class=\"soft\" style=\"margin:0 0 12px;color:{};font:400 14px/1.5 {FONT}\">{}</p>\n",
                light(&palette.ink_soft),
                escape(text)
            ),
        }
    }

    fn facts(&self, facts: &[(String, String)]) -> String {
        let Palette { ink, ink_soft, line, .. } = &self.composer.palette;
        let (ink, soft, line) = (light(ink), light(ink_soft), light(line));
        // An IPv6 address is wider than a phone's screen.
        let row = |(name, value): &(String, String)| {
            format!(
                "<tr><td class=\"soft\" valign=\"top\" style=\"padding:3px 18px 3px 0;color:{soft};font:400 14px/1.45 {FONT};\
                 white-space:nowrap\">{}</td>\
                 <td class=\"ink\" valign=\"top\" style=\"padding:3px 0;color:{ink};font:400 14px/1.45 {FONT};\
                 word-break:break-word\">{}</td></tr>",
                escape(name),
                escape(value)
            )
        };
        let rows: String = facts.iter().map(row).collect();
        format!(
            "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:0 0 18px\">\
             <tr><td class=\"line\" style=\"border-top:1px solid {line};border-bottom:1px solid {line};padding:10px 0\">\
             <table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">{rows}</table></td></tr></table>\n"
        )
    }

    fn address(&self, path: &str) -> String {
        escape(&format!("{}{path}", self.composer.origin))
    }
}

/// Escapes a text for HTML, between tags or in quotes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}
