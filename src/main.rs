//! The `naskh` program: outcomes become exit codes here, and nothing else happens.

mod cli;
mod report;

use std::process::ExitCode;

use cli::Outcome;

/// Gives memory back that the system's own keeps after a stage of a large run: a third of the peak (docs/scale.md). On
/// Linux alone: elsewhere it complains of what `.cargo/config.toml` asks of it.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match cli::run() {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        // Whoever reads the output has seen enough.
        Err(error) if cli::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(2)
        }
    }
}
