//! `pack`: packages inside of a container build, and carries compiler caches in and out of it.
//!
//! Linked statically, it needs nothing of the image that it runs in, not even a C library.

mod cli;

use cli::Command;
use std::process::ExitCode;

fn main() -> ExitCode {
    let command = match cli::parse(std::env::args().skip(1), |name| std::env::var(name).ok()) {
        Ok(command) => command,
        Err(error) => {
            eprintln!("pack: {error}\n{}", cli::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&command) {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("pack: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> Result<String, pack::PackError> {
    match command {
        Command::Package { spec, out } => {
            let malformed = |reason: serde_json::Error| pack::PackError::Malformed {
                path: spec.clone(),
                reason: reason.to_string(),
            };
            let text = fs_err::read_to_string(spec)?;
            let manifest = pack::pack(&serde_json::from_str(&text).map_err(malformed)?, out)?;
            Ok(format!("packed {} files of {}", manifest.files.len(), manifest.name))
        }
        Command::CacheLoad { from, to } => Ok(format!("loaded {}", pack::carry::load(from, to)?)),
        Command::CacheDump { from, to, since, max_bytes } => {
            Ok(format!("dumped {}", pack::carry::dump(from, to, since.as_deref(), *max_bytes)?))
        }
    }
}
