// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.bodies.Carrier;
import dev.simul.conformance.MainKt;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/**
 * Reads programs from the standard input, a JSON object a line, and writes each one with the trace that it leaves when Java
 * runs it.
 */
final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        var output = new PrintWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        int status = trace(carrier(), input, output, System.err);
        output.flush();
        System.exit(status);
    }

    private static Carrier carrier() {
        try {
            return VirtualLoop.carrierByDefault();
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            throw e;
        }
    }

    /** Does the work of {@code main} and gives the exit status: 0, or 2 if a line is no program. */
    static int trace(Carrier carrier, BufferedReader input, Appendable output, Appendable errors) {
        return MainKt.trace(input, output, errors, program -> new Machine(program, carrier).run());
    }
}
