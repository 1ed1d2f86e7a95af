//! The words of a line.

/// A line, taken apart.
pub struct Line {
    words: Vec<String>,
}

impl Line {
    pub fn new(text: &str) -> Self {
        Line {
            words: text.split(' ').map(str::to_owned).collect(),
        }
    }

    /// The first word.
    pub fn what(&self) -> &str {
        &self.words[0]
    }

    /// The words behind it, each in parts that colons separate.
    pub fn steps(&self) -> impl Iterator<Item = Vec<Vec<u8>>> {
        self.words[1..]
            .iter()
            .map(|word| word.split(':').map(decoded).collect())
    }

    /// The word at this place, if it is there.
    pub fn text(&self, at: usize) -> Option<String> {
        self.words.get(at).map(|word| text(&decoded(word)))
    }

    /// The number at this place, or 0.
    pub fn number(&self, at: usize) -> u64 {
        self.text(at)
            .and_then(|text| text.parse().ok())
            .unwrap_or(0)
    }

    /// What `name=` stands before, if it is there.
    pub fn get(&self, name: &str) -> Option<String> {
        self.all(name).next().map(|value| text(&value))
    }

    /// Everything that `name=` stands before.
    pub fn all(&self, name: &str) -> impl Iterator<Item = Vec<u8>> {
        self.words[1..].iter().filter_map(move |word| {
            let (key, value) = word.split_once('=')?;
            (key == name).then(|| decoded(value))
        })
    }
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Bytes as a number.
pub fn number(bytes: &[u8]) -> u64 {
    text(bytes).parse().unwrap_or(0)
}

fn decoded(word: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0) as u8;
                bytes.push(digit(high) * 16 + digit(low));
                rest = tail;
            }
            _ => bytes.push(*first),
        }
    }
    bytes
}
