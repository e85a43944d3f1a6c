//! Options of every command, and what is said of a command line that is wrong.

use clap::{Args, ValueEnum};
use ui::Reporting;

/// Heading of the options that every command has.
const COMMON: &str = "Common options";

/// What is wrong with a command line, whatever its arguments hold.
pub fn refuse(error: &clap::Error) -> ! {
    if std::env::args().any(|arg| arg.chars().any(char::is_control)) {
        eprintln!("{}", ui::harmless(error.to_string().trim_end()));
        std::process::exit(error.exit_code());
    }
    error.exit()
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Say less: only warnings, errors and the last line.
    #[arg(help_heading = COMMON, short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: every command and every line that it prints.
    #[arg(help_heading = COMMON, short, long, global = true)]
    pub verbose: bool,
    /// When to use colours; auto: on a terminal, unless NO_COLOR is set.
    #[arg(help_heading = COMMON, long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    /// How to report: text for people, or one JSON event a line.
    #[arg(help_heading = COMMON, long, global = true, value_enum, default_value_t = MessageFormat::Human)]
    pub message_format: MessageFormat,
    /// Use what is cached and no network.
    #[arg(help_heading = COMMON, long, global = true, env = "XTASK_OFFLINE", value_parser = clap::builder::FalseyValueParser::new())]
    pub offline: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Global {
    /// What is said of the run, and how.
    pub fn reporting(&self) -> Reporting {
        let color = match self.color {
            Color::Auto => None,
            Color::Always => Some(true),
            Color::Never => Some(false),
        };
        let json = self.message_format == MessageFormat::Json;
        Reporting { quiet: self.quiet, verbose: self.verbose, color, json }
    }
}

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    Human,
    Json,
}
