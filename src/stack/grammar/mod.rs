//! The small languages inside a stack file, each read as the docker CLI reads it. Pure text in, values or a reason
//! out; nothing here knows where the text was written.

pub mod cpus;
pub mod duration;
pub mod env_file;
pub mod image;
pub mod path;
pub mod port;
pub mod shell;
pub mod size;
pub mod sprint;
pub mod volume;
