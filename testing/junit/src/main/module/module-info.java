// SPDX-License-Identifier: Apache-2.0
/** JUnit Jupiter tests that run on an event loop. */
module dev.simul.junit {
    requires transitive dev.simul.runtime;
    requires transitive org.junit.jupiter.api;
    requires static dev.simul.facade;
    requires static dev.simul.simulation;

    exports dev.simul.junit;
}
