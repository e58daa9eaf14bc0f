package dev.simul.facade;

/** Where the facade begins. */
final class Simul {
    private Simul() {}
}
