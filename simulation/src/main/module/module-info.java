// SPDX-License-Identifier: Apache-2.0
/** Whole distributed programs on virtual time in one thread, decided by one seed. */
@SuppressWarnings("module") // The facade is compiled later.
module dev.simul.simulation {
    requires java.management;
    requires transitive dev.simul.runtime;

    exports dev.simul.simulation;
    exports dev.simul.simulation.histories;

    exports dev.simul.simulation.interop to dev.simul.facade;
}
