//! Enums of fixed names, where the text in manifests, options and tags stands beside each variant, once; and texts that
//! were checked once.

/// An enum whose variants are these texts, in serde, in schemas and for people, with a list of all of them.
macro_rules! named_enum {
    (
        $(#[$doc:meta])*
        $type:ident, $what:literal { $($(#[$about:meta])* $variant:ident = $text:literal),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            schemars::JsonSchema,
        )]
        pub enum $type {
            $($(#[$about])* #[serde(rename = $text)] $variant,)*
        }

        impl $type {
            /// Every one of them.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// The name in manifests, options and tags.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::text::choice::UnknownName;
            fn from_str(text: &str) -> Result<Self, crate::text::choice::UnknownName> {
                crate::text::choice::find(text, $what, Self::ALL, Self::as_str)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

/// A text that is what it says: `$check` takes it, or tells what is wrong with it. `$format` names the rule in schemas, of
/// which editors know nothing: a `$pattern` they hold, where one says it all.
macro_rules! checked_text {
    ($(#[$doc:meta])* $type:ident, $format:literal $(= $pattern:literal)?, $error:ty, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
        #[serde(try_from = "String")]
        pub struct $type(std::borrow::Cow<'static, str>);

        impl $type {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl TryFrom<String> for $type {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                let check: fn(String) -> Result<String, $error> = $check;
                check(text).map(|text| Self(text.into()))
            }
        }
        impl std::str::FromStr for $type {
            type Err = $error;
            fn from_str(text: &str) -> Result<Self, $error> {
                Self::try_from(text.to_owned())
            }
        }
        impl From<$type> for String {
            fn from(text: $type) -> String {
                text.0.into_owned()
            }
        }
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }
        text_schema!($type, $format $(= $pattern)?);
    };
}

/// A type with `FromStr` and `Display` is a text in documents.
macro_rules! written_as_text {
    ($type:ident) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// What schemas say of a type that is written as a text.
macro_rules! text_schema {
    ($type:ident, $format:literal $(= $pattern:literal)?) => {
        impl $type {
            /// The name of its rule in schemas.
            pub const FORMAT: &str = $format;
        }
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "format": $format $(, "pattern": $pattern)? })
            }
        }
    };
}
