// The settings, as the Rust asks for them.

export function setting(env, name) {
  return env[name];
}
