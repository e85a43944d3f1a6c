//! Enums of fixed names: the text in manifests, options and tags stands beside each variant, once.

/// An enum whose variants are these texts, in serde, in schemas and for people, with a list of all of them.
macro_rules! named_enum {
    (
        $(#[$doc:meta])*
        $type:ident { $($(#[$about:meta])* $variant:ident = $text:literal),* $(,)? }
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

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
