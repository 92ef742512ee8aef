//! The help text.

use simulator::Assistant;

const HELP: &str = "\
Shopping assistants' APIs, and omi.me's data import, as their published contracts describe them,
on local ports.

Usage: simulator --key KEY:TIER[:ORIGIN,ORIGIN...] [OPTIONS]
       simulator --assistant NAME [OPTIONS]

Options:
  --assistant NAME             the assistant to serve: sales-associate, homie, rewardsbot,
                               omniops or omi [default: sales-associate]
  --assistant NAME=PORT        the same on a port of its own; may be repeated
  --assistant all              all of them on one port, each under a path with its name
  --key KEY:TIER[:ORIGIN,...]  a key, its tier (trial, production or internal) and the origins
                               that CORS lets in; may be repeated
  --disabled-key KEY           a key that is switched off; may be repeated
  --misconfigured-key KEY      a key with incomplete metadata; may be repeated
  --port N                     the port, 0 for a free one [default: 8790]
  --host ADDRESS               the address to listen on [default: 127.0.0.1]
  --storefront URL             the base of product pages [default: https://www.example.com]
  --faults                     allow faults, the record of requests and other control
  --keep N                     how many requests stay on record, at most 1,000,000
                               [default: 20000]
  --exit-with-stdin            end when stdin is closed
  --verbose                    a line on stderr for every request
  --help                       this text

A KEY is ak_concierge_ followed by 48 hexadecimal digits. Only the Sales Associate needs one.

Switches, which choose among the readings of a contract:
";

const CONTROL: &str = "
With --faults, a chat whose context has \"simulator_fault\": \"NAME\" goes wrong in that way, and:
  PUT    /_simulator/fault     {\"fault\": NAME, \"times\": N} for all requests, or for the next N;
                               \"assistant\", \"endpoint\" and \"text\" (of a chat or of a write)
                               select some
  DELETE /_simulator/fault     ends that
  PUT    /_simulator/switches  {ASSISTANT: {\"link\": \"url\"}}: a switch without its prefix
  GET    /_simulator/switches  the switches in force
  GET    /_simulator/state     what each assistant remembers: chats, clicks, sign-ups, memories
  GET    /_simulator/requests  the requests on record, of the last 20,000, with their bodies
  DELETE /_simulator/requests  clears the record
  GET    /_simulator/chats     a short entry for each of all chats on record
  GET    /_simulator/count     how many chats there were, are open, and were answered whole
  POST   /_simulator/limits    {\"key\": KEY, \"minute\": N, \"hour\": N, \"day\": N} for one key
  POST   /_simulator/reset     clears requests, faults, sessions and counters, and puts limits and
                               switches back
These endpoints exist:
";

/// Returns the help text.
pub fn text() -> String {
    let switches = Assistant::ALL.map(Assistant::switches_help).concat();
    let endpoints = Assistant::ALL
        .map(|own| format!("  {own}: {}\n", own.endpoints().join(", ")))
        .concat();
    let faults = simulator::fault_names();
    format!("{HELP}{switches}{CONTROL}{endpoints}These NAMEs of faults exist:\n{faults}")
}
