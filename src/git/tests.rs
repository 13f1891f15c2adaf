//! The login in the address of a remote, with the real Git and a server that asks for it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, LazyLock, Mutex};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::*;

/// The beginning of the password: none of its letters is written otherwise in an address, and no other command line of
/// this machine has it.
static SECRET: LazyLock<String> = LazyLock::new(|| format!("hunter2of{}", std::process::id()));

fn git(dir: &Path, words: &[&str]) -> String {
    let who = ["-c", "user.name=ana", "-c", "user.email=ana@example.test", "-C"];
    let git = Command::new("git").args(who).arg(dir).args(words).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
    let output = git.unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Command lines on this machine in which the secret stands.
fn exposed() -> Vec<String> {
    let lines = fs::read_dir("/proc").unwrap().filter_map(|entry| fs::read(entry.ok()?.path().join("cmdline")).ok());
    let lines = lines.map(|line| String::from_utf8_lossy(&line).replace('\0', " "));
    lines.filter(|line| line.contains(SECRET.as_str())).collect()
}

/// What a server saw: whether anybody logged in, and command lines with the secret while it was asked.
#[derive(Debug, Default)]
struct Saw {
    logins: usize,
    exposed: Vec<String>,
}

/// Serves the files of a repository to whoever knows the login.
fn serve(repository: PathBuf, login: &str) -> (u16, Arc<Mutex<Saw>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let saw = Arc::new(Mutex::new(Saw::default()));
    let (seen, wanted) = (Arc::clone(&saw), format!("basic {}", BASE64_STANDARD.encode(login)));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = answer(stream.unwrap(), &repository, &wanted, &seen);
        }
    });
    (port, saw)
}

fn answer(mut stream: TcpStream, repository: &Path, wanted: &str, saw: &Mutex<Saw>) -> std::io::Result<()> {
    let lines: Vec<String> =
        BufReader::new(stream.try_clone()?).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let path = lines[0].split([' ', '?']).nth(1).unwrap().trim_start_matches('/').to_owned();
    let said = lines
        .iter()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let mut saw = saw.lock().unwrap();
    saw.exposed.extend(exposed());
    let (status, body) = match said {
        Some((_, said)) if said.replacen("Basic", "basic", 1) == wanted => {
            saw.logins += 1;
            fs::read(repository.join(path)).map_or(("404 Not Found", Vec::new()), |body| ("200 OK", body))
        }
        _ => ("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"files\"", Vec::new()),
    };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}

#[tokio::test]
async fn a_login_in_the_address_of_a_remote_stands_on_no_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let (origin, clone) = (dir.path().join("origin"), dir.path().join("clone"));
    fs::create_dir_all(&origin).unwrap();
    git(&origin, &["init", "-q", "-b", "main"]);
    git(&origin, &["commit", "-q", "--allow-empty", "-m", "Begin"]);
    git(dir.path(), &["clone", "-q", "origin", "clone"]);
    git(&origin, &["commit", "-q", "--allow-empty", "-m", "Go on"]);
    git(&origin, &["update-server-info"]);
    let (port, saw) = serve(origin.join(".git"), &format!("ana:{}@home", *SECRET));
    git(&clone, &["remote", "set-url", "origin", &format!("http://ana:{}%40home@127.0.0.1:{port}/", *SECRET)]);
    // A helper of the operator's who knows another login is not asked: the one in the address counts.
    git(&clone, &["config", "credential.helper", "!printf 'username=ben\\npassword=other\\n'; :"]);
    let repository = Repository::open(&clone).await.unwrap();
    repository.fetch().await.unwrap();
    assert_eq!(git(&clone, &["rev-parse", "origin/main"]), git(&origin, &["rev-parse", "HEAD"]));
    let saw = saw.lock().unwrap();
    assert!(saw.logins > 0);
    assert_eq!(saw.exposed, Vec::<String>::new());
}

#[test]
fn only_an_address_with_a_login_is_changed_and_no_setting_holds_it() {
    for address in
        ["git@example.test:home.git", "ssh://git:x@example.test/home", "/srv/home.git", "https://example.test/home"]
    {
        assert!(Login::of(address, address).is_none(), "{address}");
    }
    for broken in ["https://ana:50%@example.test/", "https://ana:%0apassword@example.test/"] {
        assert!(Login::of(broken, broken).is_none(), "{broken}");
    }
    let login = Login::of("home:", "https://ana:hunter2@example.test:8443/home.git").unwrap();
    let first = "--config-env=url.https://example.test:8443/home.git.insteadOf=QUARTERDECK_GIT_REMOTE";
    assert_eq!(login.settings[0], first);
    assert!(
        !format!("{login:?}").contains(SECRET.as_str())
            && login.settings.iter().all(|setting| !setting.contains(SECRET.as_str()))
    );
    let named = Login::of("https://ana@example.test/", "https://ana@example.test/").unwrap();
    assert_eq!(named.settings[1], "--config-env=credential.https://example.test.username=QUARTERDECK_GIT_USER");
}
