// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.conformance;

import dev.simul.bodies.Carrier;
import dev.simul.conformance.Corpus;
import dev.simul.conformance.GrammarKt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kotlinx.serialization.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.conformance.CorpusKt.recordedTrace;
import static dev.simul.conformance.DifferenceKt.difference;
import static dev.simul.conformance.ProgramReaderKt.readProgram;
import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ConformanceTest {
    private static final int SHOWN = 5;

    @ParameterizedTest(name = "on carrier {1} all programs of {0} leave the trace that CPython left")
    @MethodSource("corporaAndCarriers")
    void corpusInJava(Corpus corpus, Carrier carrier) {
        assertTimeoutPreemptively(Duration.ofMinutes(5), () -> {
            List<JsonObject> programs = corpus.programs();
            assertEquals(corpus.getSize(), programs.size());
            List<String> differences = new ArrayList<>();
            for (JsonObject program : programs) {
                String difference = difference(recordedTrace(program), new Machine(readProgram(program), carrier).run());
                if (difference != null) {
                    differences.add("program " + program.get("id") + ": " + difference);
                }
            }
            assertTrue(differences.isEmpty(), () -> differences.size() + " programs differ, among them\n"
                    + differences.stream().limit(SHOWN).collect(joining("\n")));
        });
    }

    static Stream<Arguments> corporaAndCarriers() {
        return Stream.of(Corpus.values())
                .flatMap(corpus -> VirtualLoop.carriers().map(carrier -> arguments(corpus, carrier)));
    }

    @Test
    @DisplayName("the Java machine knows exactly the operations of the grammar")
    void grammar() {
        assertEquals(GrammarKt.getGrammar().keySet(), Operations.ALL.keySet());
    }
}
