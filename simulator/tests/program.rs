//! Tests of the program: its ready line, its errors and how it stops.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

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

/// Starts the program and returns its first lines. Ends it afterwards.
fn first_lines(arguments: &[&str], count: usize) -> Vec<String> {
    let mut child = program(&[arguments, &["--exit-with-stdin"]].concat());
    let stdout = BufReader::new(child.stdout.take().unwrap());
    let lines = stdout.lines().take(count).map(Result::unwrap).collect();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    lines
}

fn port_of(line: &str) -> u16 {
    let rest = line.strip_prefix("simulator listening on http://127.0.0.1:");
    rest.unwrap().parse().unwrap()
}

#[test]
fn one_assistant_has_the_usual_line_and_most_need_no_key() {
    for name in ["homie", "rewardsbot", "omniops", "omi"] {
        let lines = first_lines(&["--assistant", name, "--port", "0"], 1);
        assert_ne!(port_of(&lines[0]), 0, "{name}");
    }
    let alone = ["--assistant", "rewardsbot=0"];
    assert_ne!(port_of(&first_lines(&alone, 1)[0]), 0);
}

#[test]
fn all_on_one_port_have_one_line() {
    let key = format!("{KEY}:trial");
    let arguments = ["--assistant", "all", "--port", "0", "--key", &key];
    assert_ne!(port_of(&first_lines(&arguments, 1)[0]), 0);
}

#[test]
fn assistants_on_ports_of_their_own_have_a_line_each() {
    let arguments = ["--assistant", "homie=0", "--assistant", "omniops=0"];
    let lines = first_lines(&arguments, 2);
    let ports: Vec<u16> = lines
        .iter()
        .zip([" for homie", " for omniops"])
        .map(|(line, end)| port_of(line.strip_suffix(end).unwrap()))
        .collect();
    assert_ne!(ports[0], ports[1]);
}

#[test]
fn a_switch_is_set_by_the_name_of_its_assistant() {
    let arguments = ["--assistant", "homie", "--port", "0"];
    let switches = [
        "--homie-link",
        "url",
        "--homie-tools",
        "false",
        "--homie-pace",
        "0",
    ];
    first_lines(&[&arguments[..], &switches].concat(), 1);
}

#[test]
fn it_refuses_with_a_reason_and_without_the_key() {
    let bad_tier = format!("{KEY}:gold");
    for (arguments, reason) in [
        (vec![], "ak_concierge_ followed by 48 hexadecimal digits"),
        (vec!["--key", &bad_tier], ":trial, :production or :internal"),
        (vec!["--what"], "--what"),
        (vec!["--assistant", "nobody"], "sales-associate, homie"),
        (vec!["--assistant", "all"], "ak_concierge_ followed by"),
        (vec!["--assistant", "homie=x"], "'x' is no port"),
        (
            vec!["--assistant", "homie", "--assistant", "omniops"],
            "NAME=PORT",
        ),
        (
            vec!["--assistant", "homie=0", "--assistant", "homie=0"],
            "given twice",
        ),
        (vec!["--homie-link", "href"], "--homie-link"),
        (vec!["--homie-lnik", "uri"], "unknown field"),
        (vec!["--homie-chatbot", "me"], "not a UUID"),
        (vec!["--omi-capabilities", "read_minds"], "read_memories"),
        (vec!["--sales-associate-link", "uri"], "no switches"),
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
        "hostile-html",
        "extra-fields",
        "AUTH_INVALID",
        "upstream_error",
        "--homie-chatbot",
        "--omniops-dialect",
        "--omi-app",
        "create-memories",
        "signup",
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
