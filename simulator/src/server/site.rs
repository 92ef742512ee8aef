//! A port, and the assistants that are served on it.

use crate::contract::assistant::Assistant;

/// A port with its address.
pub struct Site {
    /// The address, such as `http://127.0.0.1:8790`.
    pub url: String,
    pub mount: Mount,
}

/// Where the assistants of a port are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mount {
    /// One assistant at the root.
    Root(Assistant),
    /// All assistants, each under a path with its name.
    Paths,
}

impl Mount {
    /// Returns the assistant that a path belongs to, and the path within its own API.
    pub fn find(self, path: &str) -> Option<(Assistant, &str)> {
        match self {
            Self::Root(assistant) => Some((assistant, path)),
            Self::Paths => Assistant::ALL.into_iter().find_map(|assistant| {
                let rest = path.strip_prefix('/')?.strip_prefix(assistant.name())?;
                (rest.is_empty() || rest.starts_with('/')).then_some((assistant, rest))
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_the_assistant_whose_name_it_begins_with() {
        let find = |path| Mount::Paths.find(path);
        assert_eq!(
            find("/homie/v1/chats"),
            Some((Assistant::Homie, "/v1/chats"))
        );
        assert_eq!(find("/omniops"), Some((Assistant::Omniops, "")));
        assert_eq!(find("/homies/v1"), None);
        assert_eq!(find("/"), None);
        let root = Mount::Root(Assistant::Homie);
        assert_eq!(root.find("/homie"), Some((Assistant::Homie, "/homie")));
    }
}
