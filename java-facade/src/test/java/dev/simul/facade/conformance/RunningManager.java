// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.conformance.ManagerBody;
import dev.simul.facade.AsyncContextManager;

import static dev.simul.conformance.ExceptionsKt.matches;

/** An asynchronous context manager of a program. */
final class RunningManager implements AsyncContextManager<Void> {
    private final Machine machine;
    private final ManagerBody spec;

    RunningManager(Machine machine, ManagerBody spec) {
        this.machine = machine;
        this.spec = spec;
    }

    @Override
    public Void aenter() throws Exception {
        machine.log("entering");
        machine.block(spec.getEnter(), new Frame());
        machine.log("entered");
        return null;
    }

    @Override
    public boolean aexit(Throwable exception) throws Exception {
        machine.log("leaving " + machine.show(exception));
        machine.block(spec.getExit(), new Frame());
        return exception != null && spec.getSuppress() != null && matches(spec.getSuppress(), exception);
    }
}
