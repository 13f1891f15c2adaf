//! What OpenSSH does with each kind of line, as a table, and side by side where `ssh-keygen` is there.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use russh::keys::PublicKey;

const ONE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
const TWO: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X";
const EC: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMxBTpMIGvo7CnordO7wP0QQRqpBwUjOLl4eMhfucfE1sjTYyK5wmTl1UqoSDS1PtRVTBdl+0+9pquFb46U7fwg=";

fn key(text: &str) -> KeyData {
    PublicKey::from_openssh(text).unwrap().key_data().clone()
}

fn at(port: u16) -> Name {
    Name::new("192.0.2.7", port, None)
}

fn judged(text: &str, port: u16) -> Verdict {
    let mut known = Known::default();
    known.add(text, Path::new("f"), &at(port));
    known.judge(&key(ONE))
}

#[test]
fn lines_are_judged_as_openssh_judges_them() {
    let hashed = format!("{} {ONE}", line::hash(&[7; 20], "[192.0.2.7]:2222").unwrap());
    let other = format!("{} {ONE}", line::hash(&[7; 20], "[192.0.2.8]:2222").unwrap());
    let known = |text: &str| (text.to_owned(), "known");
    let unknown = |text: &str| (text.to_owned(), "unknown");
    let changed = |text: &str| (text.to_owned(), "changed");
    let revoked = |text: &str| (text.to_owned(), "revoked");
    for (text, expected) in [
        known(&format!("[192.0.2.7]:2222 {ONE}")),
        known(&format!("[192.0.2.7]:2222 {ONE} a comment # of words\r")),
        known(&hashed),
        unknown(&other),
        changed(&format!("[192.0.2.7]:2222 {TWO}")),
        known(&format!("[192.0.2.7]:2222 {TWO}\n[192.0.2.7]:2222 {ONE}")),
        known(&format!("[192.0.2.7]:2222 {ONE}\n[192.0.2.7]:2222 {TWO}")),
        known(&format!("[192.0.2.*]:2222 {ONE}")),
        known(&format!("[192.0.2.?]:2222 {ONE}")),
        known(&format!("  [192.0.2.7]:2222\t{}", ONE.replace(' ', "\t"))),
        revoked(&format!("@revoked [192.0.2.7]:2222 {ONE}\n[192.0.2.7]:2222 {ONE}")),
        revoked(&format!("[192.0.2.7]:2222 {ONE}\n@revoked * {ONE}")),
        known(&format!("@revoked * {TWO}\n[192.0.2.7]:2222 {ONE}")),
        unknown(&format!("![192.0.2.7]:2222,[192.0.2.7]:2222 {ONE}")),
        unknown(&format!("[192.0.2.7]:2222,![192.0.2.7]:2222 {ONE}")),
        known(&format!("192.0.2.7 {ONE}")),
        unknown(&format!("192.0.2.7 {TWO}")),
        unknown(&format!("[192.0.2.7]:2223 {ONE}")),
        known(&format!("[192.0.2.7]:2222 ssh-ed25519 AAAAbroken\n[192.0.2.7]:2222 {ONE}")),
        known(&format!("nonsense\n@whatever * {ONE}\n[192.0.2.7]:2222 {ONE}")),
        unknown(&format!("@cert-authority * {ONE}")),
        unknown(&format!("@cert-authority * {TWO}")),
        unknown(&format!("# [192.0.2.7]:2222 {ONE}")),
        unknown(&format!("[192.0.2.7]:2222 {}", ONE.replace("ssh-ed25519 ", "ssh-rsa "))),
        known(&format!("example.test,[192.0.2.7]:2222 {ONE}")),
        unknown(""),
    ] {
        let word = match judged(&text, 2222) {
            Verdict::Known => "known",
            Verdict::Unknown => "unknown",
            Verdict::Changed(_) => "changed",
            Verdict::Revoked(_) => "revoked",
        };
        assert_eq!(word, expected, "{text}");
    }
}

#[test]
fn a_changed_key_is_told_with_file_and_line() {
    let text = format!("# a comment\n192.0.2.7 {TWO}\n\n192.0.2.7 {EC}");
    let expected = Verdict::Changed(vec![("f:2".to_owned(), key(TWO)), ("f:4".to_owned(), key(EC))]);
    assert_eq!(judged(&text, 22), expected);
}

#[test]
fn names_are_those_under_which_openssh_looks() {
    assert_eq!(Name::new("Barbary", 22, None).full, "barbary");
    assert_eq!(Name::new("2001:db8::1", 2222, None).full, "[2001:db8::1]:2222");
    assert_eq!(Name::new("192.0.2.7", 2222, Some("barbary")).full, "barbary");
}

#[test]
fn the_kind_of_key_that_is_known_is_asked_for_first() {
    let mut known = Known::default();
    known.add(&format!("192.0.2.7 {EC}\n@revoked 192.0.2.7 {ONE}"), Path::new("f"), &at(22));
    assert_eq!(known.kinds().iter().map(|kind| kind.as_str()).collect::<Vec<_>>(), ["ecdsa-sha2-nistp256"]);
}

#[test]
fn what_is_learned_is_known_and_nobody_else_can_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(".ssh/known_hosts");
    learn(&file, &at(2222).full, &key(TWO), false).unwrap();
    // Somebody has edited it, and left the last line open.
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.trim_end()).unwrap();
    learn(&file, &at(2222).full, &key(ONE), true).unwrap();
    let known = Known::read([&file], &at(2222));
    assert_eq!((known.judge(&key(ONE)), known.judge(&key(TWO))), (Verdict::Known, Verdict::Known));
    assert_eq!(std::fs::read_to_string(&file).unwrap().matches("192.0.2.7").count(), 1, "the second is hashed");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
}

#[test]
fn what_was_agreed_to_is_trusted_unless_it_is_revoked() {
    let mut known = Known::default();
    known.agree(key(ONE));
    assert_eq!(known.judge(&key(ONE)), Verdict::Known);
    known.add(&format!("@revoked * {ONE}"), Path::new("f"), &at(22));
    assert_eq!(known.judge(&key(ONE)), Verdict::Revoked("f:1".to_owned()));
}
