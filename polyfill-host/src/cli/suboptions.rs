//! Options with options of their own: `-S inherit-env,tcp=n`.

use super::values;
use clap::builder::{StringValueParser, TypedValueParser};
use clap::error::ErrorKind;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Write as _};

/// A group of such options, all behind one letter.
pub(super) struct Group<T: 'static> {
    /// `-S`
    pub(super) flag: &'static str,
    pub(super) keys: &'static [Key<T>],
}

/// One of them.
pub(super) struct Key<T> {
    pub(super) name: &'static str,
    pub(super) value: Value<T>,
    /// One line for `-S help`.
    pub(super) about: &'static str,
    /// The default in these settings, for `-S help`. Empty: nothing worth printing.
    pub(super) default: fn(&T) -> String,
}

/// What a key takes, and how it changes the settings.
pub(super) enum Value<T> {
    /// `y` or `n`; the key alone means `y`.
    Switch(fn(&mut T, bool)),
    /// Anything else: the name of the value in the help, and how to set it.
    Other(&'static str, fn(&mut T, &str) -> Result<(), String>),
}

/// Parses options of a group as text. `help` prints the list of options on stdout and exits with success, as `--help` does:
/// nothing else need be on the command line.
///
/// The function makes the list for the command of this name.
#[derive(Clone)]
pub(super) struct OrHelp(pub(super) fn(&str) -> String);

impl TypedValueParser for OrHelp {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        let given = StringValueParser::new().parse_ref(command, argument, value)?;
        if given.split(',').any(|item| item == "help") {
            // An error of clap's with a text of ours would begin with `error:`, even one that stands for help.
            let text = (self.0)(command.get_name());
            // If stdout is closed, nobody wants to read it.
            let _ = io::stdout().write_all(text.as_bytes());
            std::process::exit(0);
        }
        Ok(given)
    }
}

impl<T> Group<T> {
    /// Applies the values given for this flag to `settings`, one after the other.
    pub(super) fn apply(&self, given: &[String], settings: &mut T) -> Result<(), clap::Error> {
        for item in given.iter().flat_map(|value| value.split(',')) {
            self.apply_one(item, settings)
                .map_err(|message| clap::Error::raw(ErrorKind::InvalidValue, message + "\n"))?;
        }
        Ok(())
    }

    fn apply_one(&self, item: &str, settings: &mut T) -> Result<(), String> {
        let (name, value) = match item.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (item, None),
        };
        let flag = self.flag;
        let Some(key) = self.keys.iter().find(|key| key.name == name) else {
            let names: Vec<_> = self.keys.iter().map(|key| key.name).collect();
            return Err(format!(
                "unknown option `{flag} {name}`; known are {}\nhelp: `{flag} help` tells what they do",
                names.join(", ")
            ));
        };
        let result = match &key.value {
            Value::Switch(set) => {
                values::switch(value.unwrap_or("y")).map(|value| set(settings, value))
            }
            Value::Other(what, set) => match value {
                Some(value) => set(settings, value),
                None => Err(format!("needs a value: `{flag} {name}={what}`")),
            },
        };
        result.map_err(|error| format!("invalid option `{flag} {item}`: {error}"))
    }

    /// The options, one on each line, with their defaults in these settings.
    pub(super) fn help(&self, settings: &T) -> String {
        let mut text = format!("Options for {}:\n\n", self.flag);
        for key in self.keys {
            let value = match &key.value {
                Value::Switch(_) => "[=y|n]".to_owned(),
                Value::Other(what, _) => format!("={what}"),
            };
            let head = format!("{} {}{value}", self.flag, key.name);
            let default = match (key.default)(settings) {
                default if default.is_empty() => default,
                default => format!(" [default: {default}]"),
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "  {head:<48} {}{default}", key.about);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Settings {
        on: bool,
        number: usize,
    }

    const GROUP: Group<Settings> = Group {
        flag: "-X",
        keys: &[
            Key {
                name: "on",
                value: Value::Switch(|settings, on| settings.on = on),
                about: "switches it on",
                default: |settings| values::switched(settings.on),
            },
            Key {
                name: "number",
                value: Value::Other("N", |settings, text| {
                    settings.number = values::count(text)?;
                    Ok(())
                }),
                about: "sets the number",
                default: |settings| settings.number.to_string(),
            },
        ],
    };

    fn apply(given: &[&str]) -> Result<Settings, String> {
        let given: Vec<_> = given.iter().map(|text| text.to_string()).collect();
        let mut settings = Settings::default();
        match GROUP.apply(&given, &mut settings) {
            Ok(()) => Ok(settings),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn later_values_win() {
        let expected = Settings {
            on: false,
            number: 2,
        };
        assert_eq!(apply(&["on,number=1", "number=2,on=n"]), Ok(expected));
    }

    #[test]
    fn mistakes_are_explained() {
        let error = apply(&["nonsense"]).unwrap_err();
        assert!(error.contains("unknown option `-X nonsense`; known are on, number"));
        assert!(apply(&["number"]).unwrap_err().contains("`-X number=N`"));
        assert!(apply(&["number=0"]).unwrap_err().contains("at least 1"));
        assert!(apply(&["on=maybe"]).unwrap_err().contains("neither"));
    }

    #[test]
    fn help_tells_what_holds_in_the_settings_at_hand() {
        let help = |on, number| GROUP.help(&Settings { on, number });
        assert!(help(false, 1).starts_with("Options for -X:"));
        assert!(help(false, 1).contains("switches it on [default: n]"));
        assert!(help(true, 7).contains("sets the number [default: 7]"));
    }
}
