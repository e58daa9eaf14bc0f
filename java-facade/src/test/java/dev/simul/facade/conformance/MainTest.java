// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.bodies.Carrier;
import java.io.BufferedReader;
import java.io.StringReader;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class MainTest {
    private final StringBuilder output = new StringBuilder();
    private final StringBuilder errors = new StringBuilder();

    private int trace(String input) {
        return Main.trace(Carrier.PLATFORM, new BufferedReader(new StringReader(input)), output, errors);
    }

    @Test
    @DisplayName("a program comes back with the trace that it leaves in Java, its other fields as they were")
    void program() {
        var program = "{\"strict\":false,\"note\":\"\u00e9\",\"objs\":[],\"funcs\":[[[\"log\",\"a\"],[\"sleep\",0.1],[\"sleep\",0.2]]],"
                + "\"gens\":[],\"id\":7";
        var trace = "[\"0 Task-1 a\",\"0.1 Task-1 slept\",\"0.30000000000000004 Task-1 slept\",\"main returned None\","
                + "\"end Task-1 returned None\"]";
        assertEquals(0, trace("\n" + program + ",\"trace\":[\"old\"]}\n\n"));
        assertEquals("", errors.toString());
        assertEquals(program.replace("\u00e9", "\\u00e9") + ",\"trace\":" + trace + "}\n", output.toString());
    }

    @Test
    @DisplayName("a line that is no program ends it, and the lines before are written")
    void malformed() {
        var program = "{\"strict\":false,\"objs\":[],\"funcs\":[[]],\"gens\":[]}";
        assertEquals(2, trace(program + "\n{}\n" + program + "\n"));
        assertEquals(1, output.toString().lines().count());
        assertEquals(
                "line 2 is no conformance program: there is no \"funcs\"; give one program a line, as generate.py writes them\n",
                errors.toString());
    }
}
