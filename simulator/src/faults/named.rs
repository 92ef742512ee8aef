//! The names of the faults, as in the help text, and a fault with its name.

use std::str::FromStr;

use crate::contract::assistant::Assistant;
use crate::faults::fault::{Fault, MAX_SIZE, PLAIN, WITH_ARGUMENT};

/// Returns all names, as in the help text.
pub fn names() -> String {
    let with_argument = lines(&WITH_ARGUMENT, 5);
    let plain = lines(&PLAIN.map(|(name, _)| name), 6);
    let codes: String = Assistant::ALL
        .map(|assistant| {
            let codes = lines(&assistant.codes(), 4);
            format!(" {assistant}:\n{codes}")
        })
        .concat();
    format!(
        "{with_argument}{plain}\
         MS are milliseconds, N is from 200 to 599, BYTES are at most {MAX_SIZE},\n\
         and CODE is one of the assistant's own:\n{codes}\
         Names with | between them are a sequence: each further request of a session meets the\n\
         next one, and the last one stays. The name ok stands for no fault.\n"
    )
}

fn lines(names: &[&str], on_each: usize) -> String {
    names
        .chunks(on_each)
        .map(|names| format!("  {}\n", names.join(", ")))
        .collect()
}

/// Returns the error message for an unknown name. It lists the known names.
pub fn unknown(name: &str) -> String {
    format!("There is no fault '{name}'. These exist:\n{}", names())
}

/// A fault, and the name that requested it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub fault: Fault,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(fault) => Ok(Self {
                name: text.to_owned(),
                fault,
            }),
            Err(()) => Err(unknown(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_list() {
        let said = "typo".parse::<Named>().unwrap_err();
        assert!(said.contains("gzip") && said.contains("delay:MS"), "{said}");
    }
}
