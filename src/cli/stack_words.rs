//! Words of `stack`, which are those of the docker CLI to the letter.

use clap::{Args as ClapArgs, Subcommand};

/// What to do with stacks.
#[derive(Debug, Subcommand)]
pub enum StackVerb {
    /// Deploy or update a stack: every service is written, variables come from the environment alone.
    #[command(visible_alias = "up")]
    Deploy(StackDeploy),
    /// Remove stacks; their volumes stay.
    #[command(visible_aliases = ["remove", "down"])]
    Rm {
        /// Taken for the docker CLI's sake: the last tasks are never waited for.
        #[arg(short, long, hide = true, value_name = "BOOL", num_args = 0..=1, require_equals = true,
            default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
        detach: bool,
        /// The names of the stacks.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
    /// Print the stack files laid over each other, with variables put in.
    Config(StackFiles),
}

/// Which files.
#[derive(Debug, Clone, ClapArgs)]
pub struct StackFiles {
    /// A stack file, or - for standard input; later ones are laid over earlier ones.
    #[arg(short = 'c', long = "compose-file", value_name = "FILE", value_delimiter = ',', required = true)]
    pub files: Vec<String>,
}

/// A deployment as `docker stack deploy` does it.
#[derive(Debug, Clone, ClapArgs)]
pub struct StackDeploy {
    /// Which files.
    #[command(flatten)]
    pub files: StackFiles,
    /// Remove services that the files do not name any more.
    #[arg(long)]
    pub prune: bool,
    /// When to ask registries for digests.
    #[arg(long, value_enum, value_name = "WHEN", default_value = "always")]
    pub resolve_image: ResolveImage,
    /// Hand the credentials for registries to the swarm.
    #[arg(long)]
    pub with_registry_auth: bool,
    /// Do not wait until the services run.
    #[arg(
        short,
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub detach: bool,
    /// Say only what went wrong.
    #[arg(short, long)]
    pub quiet: bool,
    /// The name of the stack.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// When registries are asked for digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ResolveImage {
    /// Every time.
    Always,
    /// When the file names another image than before.
    Changed,
    /// Not at all.
    Never,
}
