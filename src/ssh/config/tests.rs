//! Our reading of config files against that of `ssh -G`, on files made up at random.

use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;

use super::*;

fn ssh() -> Option<PathBuf> {
    let found =
        std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join("ssh")).find(|file| file.is_file());
    if found.is_none() {
        eprintln!("NOT RUN: the SSH config is not compared with OpenSSH, which is not installed");
    }
    found
}

/// The home that OpenSSH goes by, which is not the environment's.
fn home() -> PathBuf {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
    let uid = Command::new("id").arg("-u").output().unwrap().stdout;
    let uid = String::from_utf8(uid).unwrap();
    let line = passwd.lines().find(|line| line.split(':').nth(2) == Some(uid.trim())).unwrap();
    line.split(':').nth(5).unwrap().into()
}

fn settings(config: &Path) -> Settings {
    let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap().trim().to_owned();
    Settings { home: home(), user, config: Some(config.to_owned()), ..Settings::default() }
}

fn both(config: &Path, target: &Target) -> Option<(Result<Config, String>, Result<Config, String>)> {
    let settings = settings(config);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let theirs = runtime.block_on(ask_ssh::options(&ssh()?, &settings, target));
    // What OpenSSH was built with, and what it takes for granted, is not in the file.
    let granted = theirs.clone().unwrap_or_default();
    let ours = reader::options(&settings, target).map(|mut ours| {
        for name in ["hashknownhosts", "identityfile", "stricthostkeychecking"] {
            if ours.first(name).is_none() {
                ours.list.extend(granted.list.iter().filter(|(known, _)| known == name).cloned());
            }
        }
        ours.remarks.clear();
        ours
    });
    let made = |options: Result<Options, String>| options.and_then(|it| Config::from_options(&it, &settings, target));
    Some((made(theirs), made(ours)))
}

fn option() -> impl Strategy<Value = String> {
    prop_oneof![
        "(Host|host|HOST) (\\*|a|b|!a|a\\*|\\?|b !b|\\* !b|\"a\" c|other)",
        "Match (all|host a|host b,c|host \\*\\.test|originalhost a|user root|!user root|user bob host a|!host a|localuser root|final|host a !host b|!all|canonical)",
        "HostName( |=| = )(192\\.0\\.2\\.1|%h\\.example\\.test|b|x%%y)",
        "User (bob|root|alice)",
        "Port (22|2222|65535)",
        "IdentityFile (~/\\.ssh/one|/tmp/two|\"~/with space\"|none|%d/three|~/\\.ssh/one)",
        "CertificateFile ~/c(1|2)",
        "IdentitiesOnly (yes|no)",
        "IdentityAgent (none|SSH_AUTH_SOCK|~/agent\\.sock|\"/tmp/a b\")",
        "ProxyJump (none|a|bob@c:2222|a,b|\\[2001:db8::1\\]:22)",
        "ProxyCommand (none|nc %h %p|\"x y\" z)",
        "UserKnownHostsFile (~/k1|/dev/null|~/k1 ~/k2|none)",
        "GlobalKnownHostsFile (/tmp/g1 /tmp/g2|none)",
        "HostKeyAlias (alias|Other)",
        "HashKnownHosts (yes|no)",
        "StrictHostKeyChecking (yes|no|ask|accept-new|off)",
        "ConnectTimeout (5|1m|1m30|none)",
        "ServerAliveInterval (0|30|2m)",
        "ServerAliveCountMax (1|9)",
        "(PubkeyAuthentication|PasswordAuthentication|KbdInteractiveAuthentication) (yes|no)",
        "NumberOfPasswordPrompts (1|5)",
        "(Include DIR/inc/\\*|Include DIR/inc/one DIR/inc/\\?wo|Include \"DIR/inc/none\")",
        "  # a comment",
        "",
    ]
    .boxed()
}

fn file(lines: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(("( |\t|)", option()), 0..lines)
        .prop_map(|lines| lines.into_iter().map(|(indent, line)| format!("{indent}{line}\n")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_config_is_read_as_openssh_reads_it(
        main in file(14), one in file(5), two in file(5),
        host in "(a|b|c|ab|B)", user in proptest::option::of("(bob|root)"), port in proptest::option::of(1_u16..100),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let place = dir.path().to_str().unwrap();
        std::fs::create_dir(dir.path().join("inc")).unwrap();
        // Files that include one another have a test of their own.
        let alone = |text: &str| text.replace("Include", "# Include");
        for (name, text) in [("config", &main), ("inc/one", &alone(&one)), ("inc/two", &alone(&two))] {
            std::fs::write(dir.path().join(name), text.replace("DIR", place)).unwrap();
        }
        let target = Target { user, host, port, socket_path: String::new() };
        // What OpenSSH will not read is not said to be read here either way.
        if let Some((Ok(theirs), ours)) = both(&dir.path().join("config"), &target) {
            prop_assert_eq!(ours, Ok(theirs));
        }
    }
}

#[test]
fn the_second_reading_looks_at_the_name_to_connect_to() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config");
    for (lines, known) in [
        ("HostName 192.0.2.1\nMatch final\nHost b", false),
        ("HostName Harbour\nMatch final\nHost harbour", true),
        ("Match final\nHost b", true),
    ] {
        std::fs::write(&config, format!("{lines}\n  UserKnownHostsFile /k1\n")).unwrap();
        let options = reader::options(&settings(&config), &"B".parse().unwrap()).unwrap();
        assert_eq!(options.first("userknownhostsfile").is_some(), known, "{lines}");
    }
}

#[test]
fn files_that_include_one_another_for_ever_are_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config");
    std::fs::write(&config, format!("Include {}\n", config.display())).unwrap();
    let error = reader::options(&settings(&config), &"a".parse().unwrap()).unwrap_err();
    assert!(error.contains("includes itself"), "{error}");
}

#[test]
fn match_exec_is_never_run_and_that_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let (config, trace) = (dir.path().join("config"), dir.path().join("trace"));
    std::fs::write(&config, format!("Match exec \"touch {}\"\n  User eve\nPort 99\n", trace.display())).unwrap();
    let options = reader::options(&settings(&config), &"a".parse().unwrap()).unwrap();
    assert!(!trace.exists() && options.first("user").is_none());
    assert!(options.remarks.iter().any(|remark| remark.contains("config:1: Match exec")), "{:?}", options.remarks);
}

#[test]
fn without_any_file_the_usual_keys_are_tried() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("config");
    std::fs::write(&config, "").unwrap();
    let settings = settings(&config);
    let target: Target = "barbary".parse().unwrap();
    let config = Config::from_options(&reader::options(&settings, &target).unwrap(), &settings, &target).unwrap();
    assert_eq!(config.identity_files.last().unwrap(), &home().join(".ssh/id_ed25519"));
    assert_eq!((config.port, config.strict), (22, Strict::Ask));
}
