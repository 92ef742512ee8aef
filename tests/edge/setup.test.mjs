// Which Node and which Rust the scripts take, and what is started under them.

import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { suite, test } from "node:test";

import { OLDEST_MAJOR, pathTo, whichNode } from "../../scripts/node.mjs";
import { howItFits, oldestRust, readPin } from "../../scripts/rust.mjs";
import { run } from "../../scripts/steps.mjs";
import { OLDEST_MAJOR as OLDEST_MAJOR_OF_TOOLS } from "../../tools/node.mjs";
import { ROOT } from "./support/world.mjs";

const read = (...path) => readFileSync(join(ROOT, ...path), "utf8");
const readJson = (...path) => JSON.parse(read(...path));

suite("the Node of the scripts", () => {
  test("is the system's where it is new enough, else one that is fetched, where there is one", () => {
    for (const [version, machine, which] of [
      ["v22.0.0", "linux-x64", "own"],
      ["v24.21.0", "linux-x64", "own"],
      ["v23.1.0", "darwin-arm64", "own"],
      ["v100.0.0", "linux-x64", "own"],
      ["v22.1.0", "linux-riscv64", "own"],
      ["v21.7.3", "linux-x64", "fetched"],
      ["v20.20.2", "linux-x64", "fetched"],
      ["v20.20.2", "linux-arm64", "fetched"],
      ["v9.11.2", "linux-x64", "fetched"],
      ["v20.20.2", "linux-arm", "none"],
      ["v20.20.2", "darwin-arm64", "none"],
      ["v21.7.3", "win32-x64", "none"],
    ]) {
      const [platform, arch] = machine.split("-");
      assert.equal(whichNode({ version, platform, arch }), which, `${version} on ${machine}`);
    }
  });

  test("is as new as wrangler and miniflare want it, and so is the one that is fetched", () => {
    for (const name of ["wrangler", "miniflare"]) {
      assert.equal(readJson("node_modules", name, "package.json").engines.node, `>=${OLDEST_MAJOR}.0.0`);
    }
    assert.equal(OLDEST_MAJOR_OF_TOOLS, OLDEST_MAJOR);
    const { packages } = readJson("scripts", "node", "package-lock.json");
    const fetched = Object.entries(packages).filter(([path]) => path !== "");
    assert.equal(fetched.length, 2);
    for (const [path, { version, integrity, os: platform, cpu: arch }] of fetched) {
      assert.equal(path, `node_modules/node-${platform}-${arch}`);
      assert.equal(whichNode({ version: `v${version}`, platform, arch }), "own");
      assert.equal(whichNode({ version: "v20.0.0", platform, arch }), "fetched");
      assert.match(integrity, /^sha512-/);
    }
  });

  test("is not among the commands that npm puts before the system's", () => {
    assert.ok(existsSync(join(ROOT, "node_modules", ".bin", "wrangler")));
    assert.ok(!existsSync(join(ROOT, "node_modules", ".bin", "node")));
  });

  test("is the Node of all that they start, of wrangler and of the build that it runs", async () => {
    const quiet = { quiet: true };
    const own = `${realpathSync(process.execPath)} ${process.version}`;
    const tell = "console.log(fs.realpathSync(process.execPath), process.version)";
    assert.equal((await run("node", ["--eval", tell], quiet)).trim(), own);
    assert.equal((await run("sh", ["-c", `node --eval '${tell}'`], quiet)).trim(), own);
    assert.match(await run("wrangler", ["--version"], quiet), /^\d+\.\d+\.\d+$/m);
    for (const file of ["wrangler.toml", "wrangler.staging.toml"]) {
      assert.match(read(file), /^command = "node scripts\/build\.mjs"$/m);
    }
  });

  test("comes first on a PATH that has another one first, and changes no other PATH", (t) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "concierge-proxy-")));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const [own, other, linked, none, misleading] = ["own", "other", "linked", "none", "misleading"].map((name) => {
      mkdirSync(join(folder, name));
      return join(folder, name);
    });
    const node = join(own, "node");
    writeFileSync(node, "");
    writeFileSync(join(other, "node"), "");
    symlinkSync(node, join(linked, "node"));
    mkdirSync(join(misleading, "node"));
    const path = (...folders) => folders.join(delimiter);
    for (const good of [path(own), path(none, own, other), path(none, linked, other), path(misleading, own)]) {
      assert.equal(pathTo(node, good), good);
    }
    for (const bad of [path(other, own), path(none, other), path(none), ""]) {
      assert.equal(pathTo(node, bad), path(own, bad));
    }
  });
});

suite("the documents", () => {
  test("name the versions that are wanted", () => {
    const document = read("docs", "development.md");
    const { optionalDependencies: fetched } = readJson("scripts", "node", "package.json");
    assert.ok(read("README.md").includes(`npm, and Node ${OLDEST_MAJOR} or newer`));
    for (const version of Object.values(fetched)) {
      assert.ok(document.includes(`fetches a Node ${version.split(".")[0]}\n`));
    }
    assert.ok(document.includes(`pins, ${readPin(read("rust-toolchain.toml")).channel}; rustup`));
    assert.ok(document.includes(`any Rust from ${oldestRust(read("Cargo.toml"))} on`));
  });
});

suite("the Rust of the scripts", () => {
  test("is pinned to the last digit, with all that is run or built with it", () => {
    const { channel, components, targets } = readPin(read("rust-toolchain.toml"));
    assert.match(channel, /^\d+\.\d+\.\d+$/);
    assert.deepEqual(components, ["rustfmt", "clippy"]);
    assert.deepEqual(targets, ["wasm32-unknown-unknown"]);
    assert.equal(howItFits(channel, channel, oldestRust(read("Cargo.toml"))), "pinned");
  });

  test("may be another one, from the oldest on", () => {
    for (const [version, fit] of [
      ["1.95.0", "pinned"],
      ["1.95.1", "another"],
      ["1.95.0-nightly", "another"],
      ["1.97.0-nightly", "another"],
      ["1.100.0", "another"],
      ["2.0.0", "another"],
      ["1.93.0", "another"],
      ["1.92.9", "too old"],
      ["1.9.0", "too old"],
      ["0.99.0", "too old"],
    ]) {
      assert.equal(howItFits(version, "1.95.0", "1.93"), fit, version);
    }
  });
});
