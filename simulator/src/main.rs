//! The program. It reads the arguments, reports when it is ready, and serves until it is stopped.

mod args;
mod help;

use std::io::{self, Write};
use std::process::ExitCode;

use simulator::Simulator;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::args::{Command, Run};

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => {
            print!("{}", help::text());
            ExitCode::SUCCESS
        }
        Ok(Command::Run(run)) => match start(run) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("simulator: {error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("simulator: {error}\nTry 'simulator --help'.");
            ExitCode::from(2)
        }
    }
}

fn start(run: Run) -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let simulator = Simulator::bind(run.options).await?;
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            let stdin_closed = watch_stdin(run.exit_with_stdin);

            let mut stdout = io::stdout();
            let several = simulator.sites().count() > 1;
            for (url, assistant) in simulator.sites() {
                match assistant.filter(|_| several) {
                    Some(assistant) => {
                        writeln!(stdout, "simulator listening on {url} for {assistant}")?;
                    }
                    None => writeln!(stdout, "simulator listening on {url}")?,
                }
            }
            stdout.flush()?;

            tokio::select! {
                () = simulator.serve() => {}
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
                () = stdin_closed => {}
            }
            Ok(())
        })
}

/// Waits until stdin closes. Waits for ever if `wanted` is false.
///
/// A separate thread reads stdin, because a blocking read in the runtime would keep the program
/// from exiting.
async fn watch_stdin(wanted: bool) {
    if wanted {
        let (closed, is_closed) = oneshot::channel();
        std::thread::spawn(move || {
            let _ = io::copy(&mut io::stdin(), &mut io::sink());
            let _ = closed.send(());
        });
        let _ = is_closed.await;
    } else {
        std::future::pending().await
    }
}
