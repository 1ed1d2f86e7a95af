//! The two ABIs that one guest source is built for.

/// The name is a feature of `compat-api` and of `polyfill-guest`, and by convention of each guest.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Backend {
    /// The split ABI: a component that is valid WASI 0.2
    Isyswasfa,
    /// WASI 0.3 itself
    Native,
}

impl Backend {
    pub const ALL: [Self; 2] = [Self::Isyswasfa, Self::Native];

    pub fn name(self) -> &'static str {
        match self {
            Self::Isyswasfa => "isyswasfa",
            Self::Native => "native",
        }
    }
}
