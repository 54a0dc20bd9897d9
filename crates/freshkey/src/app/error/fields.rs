//! The errors of a call's fields.

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
};
use std::{borrow::Cow, fmt};

type Text = Cow<'static, str>;

/// A sentence for each invalid field; an object in JSON. There are only a few, so it is a list: a map would add code
/// to what every user downloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(Text, Text)>);

impl Fields {
    /// Whether there are no errors.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the error of the field `name`.
    pub fn get(&self, name: &str) -> Option<&Text> {
        self.iter().find(|(field, _)| *field == name).map(|(_, sentence)| sentence)
    }

    /// Iterates over the fields' names and sentences.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.0.iter().map(|(name, sentence)| (name.as_ref(), sentence))
    }
}

impl Extend<(Text, Text)> for Fields {
    fn extend<I: IntoIterator<Item = (Text, Text)>>(&mut self, fields: I) {
        for (name, sentence) in fields {
            // Only the first sentence about a field is kept.
            if self.get(&name).is_none() {
                self.0.push((name, sentence));
            }
        }
    }
}

impl FromIterator<(Text, Text)> for Fields {
    fn from_iter<I: IntoIterator<Item = (Text, Text)>>(fields: I) -> Self {
        let mut all = Self::default();
        all.extend(fields);
        all
    }
}

impl IntoIterator for Fields {
    type Item = (Text, Text);
    type IntoIter = std::vec::IntoIter<(Text, Text)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("sentences by field name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some(field) = map.next_entry()? {
                    fields.extend([field]);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Read)
    }
}
