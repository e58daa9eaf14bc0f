// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.conformance.Boom;
import dev.simul.conformance.GeneratorBody;
import dev.simul.conformance.Statement;
import dev.simul.conformance.TypeError;
import dev.simul.facade.AsyncGenerator;
import java.util.List;

import static dev.simul.facade.Asyncio.asyncGenerator;

/** An asynchronous generator of a program. */
final class RunningGenerator {
    private final Machine machine;
    private final GeneratorBody spec;
    private final Frame frame = new Frame();
    private boolean hasStarted;

    final AsyncGenerator<Object, Object> items = asyncGenerator(this::run);

    RunningGenerator(Machine machine, GeneratorBody spec) {
        this.machine = machine;
        this.spec = spec;
    }

    private void run(AsyncGenerator.Scope<Object, Object> scope) throws Exception {
        hasStarted = true;
        try {
            runBlock(spec.getBody(), scope);
        } catch (Boom e) {
            if (spec.getExcept() == null) {
                throw e;
            }
            machine.log("gen caught " + machine.show(e));
            runBlock(spec.getExcept(), scope);
        } finally {
            if (spec.getFinally() != null) {
                machine.log("gen finally");
                machine.block(spec.getFinally(), frame);
            }
        }
    }

    private void runBlock(List<Statement> statements, AsyncGenerator.Scope<Object, Object> scope) throws Exception {
        for (Statement statement : statements) {
            if (statement.getOperation().equals("yield")) {
                machine.log("sent " + machine.show(scope.yield(statement.get(0))));
            } else {
                machine.block(List.of(statement), frame);
            }
        }
    }

    /** {@code asend}, with the TypeError of a value that comes before the first {@code yield} told apart from a ValueError. */
    Object send(Object value) {
        try {
            return items.asend(value).await();
        } catch (IllegalArgumentException e) {
            throw hasStarted ? e : new TypeError(e);
        }
    }
}
