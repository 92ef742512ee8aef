//! Headers, as the edge hands them to the platform.

/// Names and values, a line each, one after the other. No value can hold a line break: each is
/// made by the proxy, is a number, or came out of a header.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Headers(String);

impl Headers {
    /// Adds a header.
    pub fn push(&mut self, name: &str, value: &str) {
        for line in [name, value] {
            if !self.0.is_empty() {
                self.0.push('\n');
            }
            self.0.push_str(line);
        }
    }

    /// All lines: name, value, name, value.
    pub fn lines(&self) -> &str {
        &self.0
    }
}
