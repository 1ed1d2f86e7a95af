//! `--env NAME[=VALUE]`.

use crate::BadInput;
use std::str::FromStr;

/// An environment variable for guests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EnvArg {
    name: String,
    /// `None`: as this process has it.
    value: Option<String>,
}

impl EnvArg {
    /// Name and value.
    pub(super) fn resolve(self) -> Result<(String, String), BadInput> {
        if let Some(value) = self.value {
            return Ok((self.name, value));
        }
        match std::env::var(&self.name) {
            Ok(value) => Ok((self.name, value)),
            Err(error) => Err(BadInput::new(format!(
                "`--env {}` takes the variable over from this process: {error}",
                self.name
            ))
            .help(format!("give a value: `--env {}=VALUE`", self.name))),
        }
    }
}

impl FromStr for EnvArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        if name.is_empty() {
            return Err("expected `NAME=VALUE` or `NAME`".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_may_have_equals_signs() {
        let env: EnvArg = "A=b=c".parse().unwrap();
        assert_eq!(env.resolve().unwrap(), ("A".to_owned(), "b=c".to_owned()));
        assert!("=x".parse::<EnvArg>().is_err());
        let unset: EnvArg = "SURELY_NOT_SET_ANYWHERE".parse().unwrap();
        assert!(unset.resolve().is_err());
    }
}
