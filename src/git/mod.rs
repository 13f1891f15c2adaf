//! The checkout of the platform as Git sees it, by Git's own program: words in, never a line of shell. It moves a
//! branch forward and never merges, and a password in the address of a remote gets into no fault and onto no command
//! line.

mod fault;
mod login;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::diag::Diagnostic;
use crate::model::text::clean;
use login::Login;

/// How long a question to the checkout may take, and how long one to a remote.
const HERE: Duration = Duration::from_secs(30);
const THERE: Duration = Duration::from_secs(180);
/// Where it is kept up to which commit everything is deployed.
const SYNCED: &str = "refs/quarterdeck/synced";

/// The mode under which a repository lies in another.
const MODULE: &str = "160000";

/// A folder that lies in a repository.
#[derive(Debug, Clone)]
pub struct Repository {
    root: PathBuf,
}

/// How the branch stands to the one it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// At the same commit.
    Same,
    /// The other has commits that this one lacks.
    Behind,
    /// This one has commits that the other lacks.
    Ahead,
    /// Both have.
    Diverged,
}

impl Repository {
    /// The repository of a folder.
    ///
    /// # Errors
    /// If it lies in none, or Git is not there.
    pub async fn open(root: &Path) -> Result<Self, Diagnostic> {
        let repository = Self { root: root.to_owned() };
        let inside = repository.said(&["rev-parse", "--is-inside-work-tree"]).await;
        match inside {
            Ok(said) if said == "true" => Ok(repository),
            Ok(_) => Err(fault::no_checkout(root, "")),
            Err(fault) if fault.why.iter().any(|why| why.contains("dubious ownership")) => Err(fault),
            Err(fault) => Err(fault::no_checkout(root, &fault.line())),
        }
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// If there is none yet.
    pub async fn head(&self) -> Result<String, Diagnostic> {
        self.commit("HEAD").await.map_err(|fault| {
            let what = "nothing is checked out: the repository has no commit yet";
            Diagnostic::new(what, "commit something, or clone the repository anew").because(fault.line())
        })
    }

    /// The commit of a name.
    async fn commit(&self, name: &str) -> Result<String, Diagnostic> {
        let whole = format!("{name}^{{commit}}");
        self.said(&["rev-parse", "--verify", "--quiet", "--end-of-options", &whole]).await
    }

    /// Files that Git follows and that differ from the commit, in the whole repository.
    ///
    /// # Errors
    /// If Git does not answer.
    pub async fn dirty(&self) -> Result<Vec<String>, Diagnostic> {
        let said = self.said(&["status", "--porcelain=v1", "--untracked-files=no", "-z"]).await?;
        Ok(said.split('\0').filter_map(|line| line.get(3..)).map(clean).collect())
    }

    /// The branch that the one checked out follows.
    ///
    /// # Errors
    /// If it follows none, or none is checked out.
    pub async fn upstream(&self) -> Result<String, Diagnostic> {
        let Ok(branch) = self.said(&["symbolic-ref", "--quiet", "HEAD"]).await else {
            let what = "no branch is checked out: HEAD is detached";
            let mend = "check one out: git switch main; what was committed meanwhile is kept by git branch NAME";
            return Err(Diagnostic::new(what, mend));
        };
        // The name is given also where that branch is gone.
        let name = self.said(&["for-each-ref", "--format=%(upstream:short)", &branch]).await?;
        if name.is_empty() {
            let what = "the branch that is checked out follows no other";
            return Err(Diagnostic::new(what, "let it follow one: git branch --set-upstream-to=origin/main"));
        }
        Ok(name)
    }

    /// Asks the remote for news. Nothing that is checked out changes.
    ///
    /// # Errors
    /// If the remote does not answer.
    pub async fn fetch(&self) -> Result<(), Diagnostic> {
        // A branch that the remote has no more is known here no more, or it would look as if nothing came.
        let words = ["fetch", "--quiet", "--prune", "--no-prune-tags", "--no-tags", "--no-recurse-submodules"];
        if let Some(login) = self.login().await {
            match self.run_with(Some(&login), &words, THERE).await {
                // Before 2.31 there is no other way to tell it than in the address.
                Err(fault) if fault.why.iter().any(|why| why.contains("unknown option: --config-env")) => {}
                fetched => return fetched.map(drop),
            }
        }
        self.run(&words, THERE).await.map(drop)
    }

    /// The login in the address of the remote that the branch follows: Git would hand the address on as it is.
    async fn login(&self) -> Option<Login> {
        let branches = self.said(&["branch", "--format=%(HEAD)%(upstream:remotename)"]).await.ok()?;
        let remote = branches.lines().find_map(|line| line.strip_prefix('*'))?;
        let written = self.said(&["config", "--get-all", &format!("remote.{remote}.url")]).await.ok()?;
        let address = self.said(&["ls-remote", "--get-url", "--", remote]).await.ok()?;
        Login::of(written.lines().next()?, &address)
    }

    /// How HEAD stands to another commit.
    ///
    /// # Errors
    /// If one of them is not there.
    pub async fn standing(&self, other: &str) -> Result<Standing, Diagnostic> {
        let gone = || {
            let what = format!("the branch {other} that is followed is gone from the remote");
            Diagnostic::new(what, "let the branch follow another: git branch --set-upstream-to=origin/main")
        };
        let (head, other) = (self.head().await?, self.commit(other).await.map_err(|_| gone())?);
        if head == other {
            return Ok(Standing::Same);
        }
        Ok(match (self.leads(&head, &other).await, self.leads(&other, &head).await) {
            (true, _) => Standing::Behind,
            (_, true) => Standing::Ahead,
            _ => Standing::Diverged,
        })
    }

    /// Only the newest part of its history is here.
    pub async fn is_shallow(&self) -> bool {
        self.said(&["rev-parse", "--is-shallow-repository"]).await.is_ok_and(|said| said == "true")
    }

    /// One commit is an ancestor of the other.
    pub async fn leads(&self, from: &str, to: &str) -> bool {
        self.said(&["merge-base", "--is-ancestor", from, to]).await.is_ok()
    }

    /// Moves the branch forward to what it follows. Never makes a commit.
    ///
    /// # Errors
    /// If it cannot be moved without one, or a file is in the way.
    pub async fn forward(&self, to: &str) -> Result<(), Diagnostic> {
        self.run(&["merge", "--ff-only", "--quiet", to], HERE).await.map(drop)
    }

    /// Brings the repositories that lie inside this one to where it says they are. Only what is in commits is there,
    /// or the files would differ from the commit: nothing is lost.
    ///
    /// # Errors
    /// If one of them cannot be had.
    pub async fn settle(&self) -> Result<(), Diagnostic> {
        // Words about the whole repository count from its top.
        let top = PathBuf::from(self.said(&["rev-parse", "--show-toplevel"]).await?);
        if !top.join(".gitmodules").exists() {
            return Ok(());
        }
        let whole = Self { root: top };
        whole.run(&["submodule", "--quiet", "update", "--init", "--recursive"], THERE).await.map(drop)
    }

    /// Files below the folder that differ between two commits, relative to it; also those of repositories inside it.
    ///
    /// # Errors
    /// If one of them is not there.
    pub async fn changed(&self, from: &str, to: &str) -> Result<Vec<PathBuf>, Diagnostic> {
        let words = ["diff", "--raw", "--no-abbrev", "--no-renames", "--relative", "-z", from, to, "--"];
        let said = self.said(&words).await?;
        let mut words = said.split('\0').filter(|word| !word.is_empty());
        let mut changed = Vec::new();
        while let (Some(about), Some(path)) = (words.next(), words.next()) {
            let about: Vec<&str> = about.trim_start_matches(':').split(' ').collect();
            let path = PathBuf::from(path);
            if let [old, new, from, to, ..] = about.as_slice()
                && [old, new].contains(&&MODULE)
            {
                changed.extend(self.inside(&path, from, to).await.into_iter().map(|inner| path.join(inner)));
            }
            changed.push(path);
        }
        Ok(changed)
    }

    /// What differs inside a repository that lies at this path; all of it where that is not known.
    async fn inside(&self, path: &Path, from: &str, to: &str) -> Vec<PathBuf> {
        let inner = Self { root: self.root.join(path) };
        let said = match inner.said(&["diff", "--name-only", "--no-renames", "-z", from, to, "--"]).await {
            Ok(said) => said,
            Err(_) => inner.said(&["ls-files", "-z"]).await.unwrap_or_default(),
        };
        said.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect()
    }

    /// A file of the folder as it was at a commit; none if it was not there.
    pub async fn file(&self, commit: &str, path: &str) -> Option<String> {
        self.run(&["show", &format!("{commit}:./{path}")], HERE).await.ok()
    }

    /// Up to which commit everything was deployed, whether it is still part of history or not; none where that is not
    /// known.
    pub async fn synced(&self) -> Option<String> {
        self.commit(SYNCED).await.ok()
    }

    /// Keeps up to which commit everything is deployed.
    ///
    /// # Errors
    /// If it cannot be written.
    pub async fn keep_synced(&self, commit: &str) -> Result<(), Diagnostic> {
        self.said(&["update-ref", SYNCED, commit]).await.map(drop)
    }

    async fn said(&self, words: &[&str]) -> Result<String, Diagnostic> {
        self.run(words, HERE).await.map(|said| said.trim_end_matches('\n').to_owned())
    }

    async fn run(&self, words: &[&str], patience: Duration) -> Result<String, Diagnostic> {
        self.run_with(None, words, patience).await
    }

    async fn run_with(&self, login: Option<&Login>, words: &[&str], patience: Duration) -> Result<String, Diagnostic> {
        let name = words.first().copied().unwrap_or_default();
        let asked = async {
            match self.command(true, login, words).output().await {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.command(false, login, words).output().await
                }
                said => said,
            }
        };
        match tokio::time::timeout(patience, asked).await {
            Err(_) => Err(fault::late(name, patience)),
            Ok(Err(error)) => Err(fault::no_git(&error)),
            Ok(Ok(output)) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Ok(Ok(output)) => Err(fault::refused(name, &String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// Git, and whatever it runs, far from the terminal: neither it nor a hook, a helper or SSH can ask anybody there.
    /// A session of its own has no terminal at all; where no program makes one, they are told not to ask.
    fn command(&self, apart: bool, login: Option<&Login>, words: &[&str]) -> Command {
        let mut git = Command::new(if apart { "setsid" } else { "git" });
        if apart {
            git.arg("git");
        }
        git.arg("-C").arg(&self.root);
        if let Some(Login { settings, variables }) = login {
            git.args(settings).envs(variables.iter().map(|(name, value)| (name, value.as_str())));
        }
        git.args(words);
        git.env("GIT_TERMINAL_PROMPT", "0").env("SSH_ASKPASS_REQUIRE", "force");
        // Words are those that are known here.
        git.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
        // Whoever runs this from a hook of another repository means this one all the same.
        let elsewhere = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"];
        // What it would say of its own doing stands among its words, and a login with it.
        let traces = ["GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_CURL_VERBOSE", "GIT_TRACE_SETUP"];
        for name in elsewhere.into_iter().chain(traces) {
            git.env_remove(name);
        }
        // A checkout that is being moved is not left half-way, whoever waits for it no more.
        let moves = words.first().is_some_and(|word| ["merge", "submodule"].contains(word));
        git.stdin(Stdio::null()).kill_on_drop(!moves);
        git
    }
}
