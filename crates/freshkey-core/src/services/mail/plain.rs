//! Prints an email as plain text.

use super::{
    compose::Composer,
    content::{Block, Content},
};

/// Prints the email.
pub(super) fn print(composer: &Composer, content: &Content) -> String {
    let parts = content.blocks.iter().map(|block| match block {
        Block::Heading(text) | Block::Paragraph(text) | Block::SmallPrint(text) => text.clone(),
        Block::Code(code) => format!("    {code}"),
        Block::Button(label, path) | Block::Link(label, path) => {
            format!("{}:\n{}{path}", label.trim_end_matches(':'), composer.origin)
        }
        Block::Facts(facts) => {
            facts.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
        }
    });
    let parts: Vec<_> = [composer.name.to_owned()].into_iter().chain(parts).collect();
    parts.join("\n\n") + "\n"
}
