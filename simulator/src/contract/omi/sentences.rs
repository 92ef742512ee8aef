//! The sentences of a text. Each is a segment of a conversation, or a fact about a person.

/// Returns the sentences. A line's end also ends a sentence.
pub fn of(text: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    for line in text.lines() {
        let mut words = Vec::new();
        for word in line.split_whitespace() {
            words.push(word);
            if word.ends_with(['.', '!', '?']) {
                sentences.push(words.join(" "));
                words.clear();
            }
        }
        if !words.is_empty() {
            sentences.push(words.join(" "));
        }
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_with_a_sign_or_a_line() {
        let text = " It costs $3.50  today. Buy it?\nNo\n\n Never! ";
        let expected = ["It costs $3.50 today.", "Buy it?", "No", "Never!"];
        assert_eq!(of(text), expected);
        assert!(of(" \n ").is_empty());
    }
}
