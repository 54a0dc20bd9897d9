//! The content of an email: a list of blocks, which [`plain`](super::plain) and [`html`](super::html) print with the
//! same words.

/// A part of an email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// What the email is about.
    Heading(String),
    /// A few sentences.
    Paragraph(String),
    /// A code, in groups of four.
    Code(String),
    /// A button: its label and a path on this site.
    Button(String, String),
    /// A link: its label and a path on this site.
    Link(String, String),
    /// Facts: names and values.
    Facts(Vec<(String, String)>),
    /// Text that the reader can skip. At the end, it says why the email was sent.
    SmallPrint(String),
}

/// An email, before it is printed.
///
/// ```
/// # use freshkey_core::services::mail::Content;
/// Content::new("Your order is on its way")
///     .paragraph("We have packed it, and it will be with you tomorrow.")
///     .button("See the order", "/orders/7");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// The subject, on one line.
    pub subject: String,
    /// The blocks.
    pub blocks: Vec<Block>,
}

impl Content {
    /// Creates an email whose subject is also its heading.
    pub fn new(subject: impl Into<String>) -> Self {
        let subject = subject.into();
        Self { blocks: vec![Block::Heading(subject.clone())], subject }
    }

    /// Creates an email with different subject and heading.
    pub fn headed(subject: impl Into<String>, heading: impl Into<String>) -> Self {
        Self { subject: subject.into(), blocks: vec![Block::Heading(heading.into())] }
    }

    /// Adds a paragraph.
    #[must_use]
    pub fn paragraph(self, text: impl Into<String>) -> Self {
        self.with(Block::Paragraph(text.into()))
    }

    /// Adds a button that leads to `path` on this site.
    #[must_use]
    pub fn button(self, label: impl Into<String>, path: impl Into<String>) -> Self {
        self.with(Block::Button(label.into(), path.into()))
    }

    /// Adds a link to `path` on this site.
    #[must_use]
    pub fn link(self, label: impl Into<String>, path: impl Into<String>) -> Self {
        self.with(Block::Link(label.into(), path.into()))
    }

    /// Adds names and values.
    #[must_use]
    pub fn facts(self, facts: Vec<(String, String)>) -> Self {
        if facts.is_empty() { self } else { self.with(Block::Facts(facts)) }
    }

    /// Adds small print.
    #[must_use]
    pub fn small_print(self, text: impl Into<String>) -> Self {
        self.with(Block::SmallPrint(text.into()))
    }

    /// Adds a block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}
