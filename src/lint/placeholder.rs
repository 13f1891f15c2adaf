//! Words that somebody meant to replace before the first use.

/// Long enough that no key and no address has them by chance.
const LONG: [&str; 4] = ["REPLACE", "CHANGEME", "CHANGE_ME", "PLACEHOLDER"];
/// So short that the letters of a key may hold them by chance.
const SHORT: [&str; 3] = ["XXX", "TODO", "YOUR_"];
/// How public keys begin.
const KEYS: [&str; 5] = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-", "{{"];
/// How the letters of every public key begin.
const BODY: &str = "AAAA";

/// The text is one, or has one in it.
pub fn has_one(text: &str) -> bool {
    LONG.iter().chain(&SHORT).any(|word| text.contains(word))
}

/// The text is a public key that somebody could log in with, or a template that becomes one.
pub fn is_key(text: &str) -> bool {
    let has_body = text.split_whitespace().nth(1).is_some_and(|body| body.starts_with(BODY));
    let placeholder = if has_body { LONG.iter().any(|word| text.contains(word)) } else { has_one(text) };
    KEYS.iter().any(|start| text.starts_with(start)) && !placeholder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_hold_any_letters_and_a_placeholder_is_none() {
        for key in ["ssh-ed25519 AAAAC3NzaXXXTODO deploy", "ssh-ed25519 {{ env `KEY` }} deploy", "{{.ssh_key}}"] {
            assert!(is_key(key), "{key}");
        }
        for text in
            ["", "deploy", "REPLACE_WITH_KEY", "ssh-ed25519 YOUR_KEY_HERE", "ssh-rsa AAAA_REPLACE_ME", "ssh-rsa XXX"]
        {
            assert!(!is_key(text), "{text}");
        }
        assert!(has_one("192.0.2.XXX") && !has_one("192.0.2.1"));
    }
}
