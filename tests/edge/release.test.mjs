// The folder of a release: what is in it, and that it is deployed with Node alone.

import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { parseEnv } from "node:util";

import { unstable_readConfig } from "wrangler";

import { releaseConfig } from "../../scripts/release/config.mjs";
import { linkedCrates } from "../../scripts/release/crates.mjs";
import { RELEASE, readFlags, release } from "../../scripts/release.mjs";
import { run } from "../../scripts/steps.mjs";
import { startDev } from "./support/dev.mjs";
import { startSimulator } from "./support/simulator.mjs";
import { runTool } from "./support/tools.mjs";
import { Caller, ORIGIN, ROOT, newKey, settings } from "./support/world.mjs";

const read = (name) => readFileSync(join(RELEASE, name), "utf8");
const plain = (value) => JSON.parse(JSON.stringify(value));

suite("a release", () => {
  let place;
  before(async () => {
    await release();
    place = mkdtempSync(join(tmpdir(), "release-"));
  });
  after(() => rmSync(place, { recursive: true, force: true }));

  test("is deployed and answers where there is no Rust", { timeout: 60_000 }, async (t) => {
    const folder = join(place, "concierge");
    cpSync(RELEASE, folder, { recursive: true });
    // What `npm install` would put there.
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const bin = join(place, "bin");
    mkdirSync(bin);
    symlinkSync(process.execPath, join(bin, "node"));
    const env = { ...process.env, PATH: `${bin}:${join(folder, "node_modules", ".bin")}:/usr/bin:/bin` };
    await assert.rejects(run("cargo", ["--version"], { quiet: true, env: { PATH: env.PATH } }));
    const out = join(place, "uploaded");
    const command = `cd '${folder}' && npm run wrangler -- deploy --dry-run --outdir '${out}'`;
    await run("sh", ["-c", command], { quiet: true, env: { PATH: env.PATH } });
    const wasm = readdirSync(join(folder, "worker")).find((name) => name.endsWith(".wasm")) ?? "";
    assert.deepEqual(readFileSync(join(out, wasm)), readFileSync(join(folder, "worker", wasm)));

    const key = newKey();
    const simulator = await startSimulator([`${key}:production`]);
    t.after(() => simulator.stop());
    const vars = { ...settings(simulator.baseUrl), CONCIERGE_API_KEY: key };
    const dev = await startDev(vars, join(place, "state"), { cwd: folder, env });
    t.after(() => dev.stop());
    const response = await new Caller(dev.url).chat({ prompt: "A scarf for my sister" });
    assert.equal(response.status, 200, await response.text());
    for (const path of ["/concierge.js", "/admin"]) {
      assert.equal((await fetch(new URL(path, dev.url))).status, 200, path);
    }

    const { scripts, devDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    assert.deepEqual(Object.keys(devDependencies), ["wrangler"]);
    assert.deepEqual(Object.keys(scripts), ["setup", "doctor", "wrangler"]);
    const doctor = await runTool(folder, "doctor", [dev.url.href, "--origin", ORIGIN], { env });
    assert.equal(doctor.code, 0, doctor.stdout + doctor.stderr);
    const wizard = await runTool(folder, "setup", ["--yes", "--no-deploy", "--storefront", ORIGIN], { env });
    assert.equal(wizard.code, 0, wizard.stdout + wizard.stderr);
  });

  test("has the settings of the project, and nothing that builds", () => {
    const config = (folder) => unstable_readConfig({ config: join(folder, "wrangler.toml") });
    const [own, released] = [config(ROOT), config(RELEASE)];
    assert.equal(released.build.command, undefined);
    assert.equal(released.no_bundle, true);
    for (const name of Object.keys(own)) {
      if (["main", "build", "minify", "no_bundle", "assets", "configPath", "userConfigPath"].includes(name)) continue;
      assert.deepEqual(plain(released[name] ?? null), plain(own[name] ?? null), name);
    }
  });

  test("has nothing that is one merchant's alone, unless a flag says so", async (t) => {
    const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    const config = join(place, "wrangler.toml");
    for (const [name, before, after] of [
      ["routes", "# routes = ", "routes = "],
      ["account_id", "minify = true", 'minify = true\naccount_id = "7c9e6679742540de944be07fc1f90ae7"'],
      ["ALLOWED_ORIGINS", 'ALLOWED_ORIGINS = ""', `ALLOWED_ORIGINS = "${ORIGIN}"`],
    ]) {
      writeFileSync(config, toml.replace(before, after));
      await assert.rejects(release({ config }), ({ message, help }) => {
        assert.equal(message, `wrangler.toml has what is yours alone: ${name}`);
        return help.includes("npm run release -- --with-settings");
      });
    }
    assert.ok(!read("wrangler.toml").includes(ORIGIN));
    // The folder is then what it was.
    t.after(() => release());
    await release({ config, ...readFlags(["--with-settings"]) });
    assert.ok(read("wrangler.toml").includes(`ALLOWED_ORIGINS = "${ORIGIN}"`));
  });

  test("is made only of a wrangler.toml that has once what a release has to change", () => {
    const toml = readFileSync(join(ROOT, "wrangler.toml"), "utf8");
    const line = "minify = true\n";
    for (const times of [0, 2]) {
      assert.throws(
        () => releaseConfig(toml.replace(line, line.repeat(times))),
        ({ message }) => message.endsWith(` ${times} times, not once`),
      );
    }
  });

  test("has what Cloudflare's deploy button asks for: the key as its only secret, and words for each field", () => {
    const named = parseEnv(read(".dev.vars.example"));
    assert.deepEqual(named, { CONCIERGE_API_KEY: "" });
    const { vars } = unstable_readConfig({ config: join(RELEASE, "wrangler.toml") });
    const fields = new Set([...Object.keys(named), ...Object.keys(vars)]);
    for (const [name, { description }] of Object.entries(JSON.parse(read("package.json")).cloudflare.bindings)) {
      assert.ok(fields.has(name), name);
      assert.ok(description);
    }
  });

  test("names every crate that is inside, with what its licence asks for", async () => {
    const crates = await linkedCrates();
    const { components, dependencies } = JSON.parse(read("sbom.cdx.json"));
    const notices = read("NOTICES.txt");
    assert.ok(crates.length > 50);
    for (const { name, version, checksum } of crates.filter((crate) => crate.name !== "concierge-proxy")) {
      const component = components.find((each) => each.name === name && each.version === version);
      assert.deepEqual(component.hashes, [{ alg: "SHA-256", content: checksum }], name);
      assert.ok(notices.includes(`\n${name} ${version} (`), name);
    }
    const known = new Set(dependencies.map(({ ref }) => ref));
    assert.equal(known.size, crates.length);
    for (const { dependsOn } of dependencies) assert.ok(dependsOn.every((ref) => known.has(ref)));
    assert.ok(!components.some(({ name }) => name === "proptest" || name === "serde_derive"));
  });

  test("has a checksum of each file", async () => {
    await run("sh", ["-c", `cd '${RELEASE}' && sha256sum --check --strict --quiet SHA256SUMS`], { quiet: true });
    const listed = read("SHA256SUMS").trim().split("\n");
    const files = readdirSync(RELEASE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.equal(listed.length, files.length - 1);
  });

  test("has nothing of this machine, and no file that a merchant must not have", () => {
    const files = readdirSync(RELEASE, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const cargo = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
    for (const { parentPath, name } of files) {
      const bytes = readFileSync(join(parentPath, name));
      for (const folder of [ROOT, cargo, homedir()]) {
        if (folder.length > 2) assert.equal(bytes.indexOf(folder), -1, `${name} has ${folder}`);
      }
    }
    assert.ok(!existsSync(join(RELEASE, ".dev.vars")));
  });
});
