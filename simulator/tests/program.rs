//! Tests of the program: its ready line, its errors and how it stops.
#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

const KEY: &str = "ak_concierge_111111111111111111111111111111111111111111111111";

fn program(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_simulator"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ready_line(child: &mut Child) -> String {
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.as_mut().unwrap());
    stdout.read_line(&mut line).unwrap();
    line
}

#[test]
fn it_says_when_it_is_ready_and_ends_with_its_stdin() {
    let key = format!("{KEY}:trial:http://localhost:8787");
    let mut child = program(&["--port", "0", "--key", &key, "--exit-with-stdin"]);
    let line = ready_line(&mut child);
    let port = line
        .strip_prefix("simulator listening on http://127.0.0.1:")
        .unwrap();
    assert_ne!(port.trim_end().parse::<u16>().unwrap(), 0);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    let mut rest = String::new();
    child.stdout.unwrap().read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "", "one line only");
}

#[test]
fn it_ends_in_order_on_the_usual_signals() {
    for signal in ["-TERM", "-INT"] {
        let mut child = program(&["--port", "0", "--key", &format!("{KEY}:internal")]);
        ready_line(&mut child);
        let sent = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn it_refuses_with_a_reason_and_without_the_key() {
    let bad_tier = format!("{KEY}:gold");
    for (arguments, reason) in [
        (vec![], "ak_concierge_ followed by 48 hexadecimal digits"),
        (vec!["--key", &bad_tier], ":trial, :production or :internal"),
        (vec!["--what"], "--what"),
    ] {
        let output = program(&arguments).wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(said.contains(reason) && !said.contains(KEY), "{said}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn its_help_names_every_fault() {
    let output = program(&["--help"]).wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    for name in [
        "ok",
        "html-503",
        "stream-slow:MS",
        "stream-cut",
        "quota:REMAINING",
    ] {
        let stands = said
            .split(|char: char| char.is_whitespace() || char == ',')
            .any(|word| word == name);
        assert!(stands, "{name} in {said}");
    }
    assert!(
        said.lines().all(|line| line.chars().count() <= 100),
        "{said}"
    );
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let child = program(&["--port", &port, "--key", &format!("{KEY}:trial")]);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{said}"
    );
}
