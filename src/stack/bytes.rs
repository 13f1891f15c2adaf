//! Bytes of a file to text. Only Unicode is text here: what else a byte may mean, nobody can know.

use std::path::Path;

use super::place::Source;
use crate::diag::Diagnostic;

impl Source {
    /// A source from the bytes of a file. UTF-8, and UTF-16 with its mark at the beginning, as yaml.v3 reads them.
    ///
    /// # Errors
    /// Bytes that are no text, with the place of the first of them.
    pub fn from_bytes(name: &Path, bytes: &[u8]) -> Result<Self, Diagnostic> {
        let text = match bytes {
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
            bytes => utf8(bytes),
        };
        match text {
            Ok(text) => Ok(Self { name: name.to_owned(), text: text.into() }),
            Err((read, why)) => {
                let line = read.matches('\n').count() + 1;
                let column = read.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
                let place = format!("{}:{line}:{column}", name.display());
                Err(Diagnostic::new("the file is not text in UTF-8", "save the file as UTF-8").at(place).because(why))
            }
        }
    }
}

/// The text, or what could be read of it and why not more.
type Decoded = Result<String, (String, String)>;

fn utf8(bytes: &[u8]) -> Decoded {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let (good, rest) = bytes.split_at_checked(error.valid_up_to()).unwrap_or((bytes, &[]));
        let byte = rest.first().copied().unwrap_or_default();
        (String::from_utf8_lossy(good).into_owned(), format!("the byte 0x{byte:02X} does not belong there"))
    })
}

fn utf16(bytes: &[u8], pair: fn([u8; 2]) -> u16) -> Decoded {
    let units = bytes.chunks(2).map(|chunk| match chunk {
        [a, b] => pair([*a, *b]),
        // Half a unit at the end becomes one that stands for no character.
        _ => 0xd800,
    });
    let mut text = String::new();
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(sign) => text.push(sign),
            Err(_) => return Err((text, "it begins as UTF-16 does, and then is not".into())),
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, String> {
        Source::from_bytes(Path::new("a.yml"), bytes).map(|source| source.text.to_string()).map_err(|fault| fault.place)
    }

    #[test]
    fn utf_8_and_utf_16_are_text() {
        assert_eq!(read("a: ü\n".as_bytes()), Ok("a: ü\n".into()));
        assert_eq!(read(b"\xff\xfea\0:\0"), Ok("a:".into()));
        assert_eq!(read(b"\xfe\xff\0a\0:"), Ok("a:".into()));
    }

    #[test]
    fn the_first_byte_that_is_no_text_is_pointed_at() {
        assert_eq!(read(b"a: 1\nb: \xc3\xbc\xff"), Err("a.yml:2:5".into()));
        assert_eq!(read(b"\xff\xfea\0\n\0b\0:"), Err("a.yml:2:2".into()));
    }
}
