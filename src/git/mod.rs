//! The checkout of the platform as Git sees it, by Git's own program: words in, never a line of shell. It moves a
//! branch forward and never merges, and a password in the address of a remote gets into no fault.

mod fault;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::diag::Diagnostic;
use crate::model::text::clean;

/// How long a question to the checkout may take, and how long one to a remote.
const HERE: Duration = Duration::from_secs(30);
const THERE: Duration = Duration::from_secs(180);
/// Where it is kept up to which commit everything is deployed.
const SYNCED: &str = "refs/quarterdeck/synced";

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
            Err(fault) => Err(fault::no_checkout(root, &fault.line())),
        }
    }

    /// The commit that is checked out.
    ///
    /// # Errors
    /// If there is none yet.
    pub async fn head(&self) -> Result<String, Diagnostic> {
        self.commit("HEAD").await
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
        let name = self.said(&["rev-parse", "--abbrev-ref", "--symbolic-full-name", "@{upstream}"]).await;
        name.map_err(|fault| {
            let what = "the branch that is checked out follows no other";
            let mend = "let it follow one: git branch --set-upstream-to=origin/main";
            Diagnostic::new(what, mend).because(fault.line())
        })
    }

    /// Asks the remote for news. Nothing that is checked out changes.
    ///
    /// # Errors
    /// If the remote does not answer.
    pub async fn fetch(&self) -> Result<(), Diagnostic> {
        self.run(&["fetch", "--quiet", "--no-tags"], THERE).await.map(drop)
    }

    /// How HEAD stands to another commit.
    ///
    /// # Errors
    /// If one of them is not there.
    pub async fn standing(&self, other: &str) -> Result<Standing, Diagnostic> {
        let (head, other) = (self.head().await?, self.commit(other).await?);
        if head == other {
            return Ok(Standing::Same);
        }
        Ok(match (self.leads(&head, &other).await, self.leads(&other, &head).await) {
            (true, _) => Standing::Behind,
            (_, true) => Standing::Ahead,
            _ => Standing::Diverged,
        })
    }

    /// One commit is an ancestor of the other.
    async fn leads(&self, from: &str, to: &str) -> bool {
        self.said(&["merge-base", "--is-ancestor", from, to]).await.is_ok()
    }

    /// Moves the branch forward to what it follows. Never makes a commit.
    ///
    /// # Errors
    /// If it cannot be moved without one, or a file is in the way.
    pub async fn forward(&self, to: &str) -> Result<(), Diagnostic> {
        self.run(&["merge", "--ff-only", "--quiet", to], HERE).await.map(drop)
    }

    /// Files below the folder that differ between two commits, relative to it.
    ///
    /// # Errors
    /// If one of them is not there.
    pub async fn changed(&self, from: &str, to: &str) -> Result<Vec<PathBuf>, Diagnostic> {
        let said = self.said(&["diff", "--name-only", "--no-renames", "--relative", "-z", from, to, "--"]).await?;
        Ok(said.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect())
    }

    /// A file of the folder as it was at a commit; none if it was not there.
    pub async fn file(&self, commit: &str, path: &str) -> Option<String> {
        self.run(&["show", &format!("{commit}:./{path}")], HERE).await.ok()
    }

    /// Up to which commit everything was deployed; none where that is not known, or where history was rewritten.
    pub async fn synced(&self) -> Option<String> {
        let commit = self.commit(SYNCED).await.ok()?;
        self.leads(&commit, "HEAD").await.then_some(commit)
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
        let mut git = Command::new("git");
        git.arg("-C").arg(&self.root).args(words);
        // Nobody is asked for a password behind the console, and words are those that are known here.
        git.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
        git.stdin(Stdio::null()).kill_on_drop(true);
        let name = words.first().copied().unwrap_or_default();
        match tokio::time::timeout(patience, git.output()).await {
            Err(_) => Err(fault::late(name, patience)),
            Ok(Err(error)) => Err(fault::no_git(&error)),
            Ok(Ok(output)) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Ok(Ok(output)) => Err(fault::refused(name, &String::from_utf8_lossy(&output.stderr))),
        }
    }
}
