// Implements `wit/world.wit`.

export const greeter = {
  async greet(name) {
    return `Hello, ${name}!`;
  },
};
