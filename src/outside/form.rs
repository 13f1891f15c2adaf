//! Words inside a URL or a form, as RFC 3986 has them.

use std::fmt::Write;

use zeroize::Zeroizing;

/// A word with all signs but letters, digits and `-._~` written as their numbers.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // A string takes all that is written to it.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Fields as the body of a form.
#[must_use]
pub fn form(fields: &[(&str, &str)]) -> Zeroizing<String> {
    let length = fields.iter().map(|(name, value)| name.len() + 3 * value.len() + 2).sum();
    // Room for all of it, so that no copy of a secret is left behind when it grows.
    let mut out = Zeroizing::new(String::with_capacity(length));
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        out.push_str(&Zeroizing::new(escaped(value)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_a_form_is_written_as_a_number() {
        assert_eq!(form(&[("a", "x y&z=1"), ("b", "ü/é")]).as_str(), "a=x%20y%26z%3D1&b=%C3%BC%2F%C3%A9");
    }
}
