// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DoorTest {
    /** Public, but left out of the dump: the tool takes it for one that the compiler makes of an internal one's defaults. */
    private static final String NOT_DUMPED = "dev.simul.context.Context.<init>()V";

    @Test
    @DisplayName("the facade uses what the runtime offers, and nothing internal")
    void publicOnly() {
        var offered = RuntimeApi.members();
        offered.add(NOT_DUMPED);
        var used = usedOfTheRuntime();
        assertTrue(used.stream().anyMatch(it -> it.startsWith("dev.simul.interop.Bodies.bodyOf(")), used::toString);
        assertTrue(used.stream().anyMatch(it -> it.startsWith("dev.simul.simulation.interop.JavaSimulation.pause(")), used::toString);
        assertTrue(used.stream().anyMatch(it -> it.startsWith("dev.simul.cluster.Cluster.runOnAll(")), used::toString);
        assertEquals(List.of(), used.stream().filter(member -> !offered.contains(member)).sorted().toList());
    }

    private static Set<String> usedOfTheRuntime() {
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.simul.facade")
                .stream()
                .flatMap(type -> type.getAccessesFromSelf().stream())
                .map(JavaAccess::getTarget)
                .filter(target -> target.getOwner().getPackageName().startsWith("dev.simul")
                        && !target.getOwner().getPackageName().startsWith("dev.simul.facade"))
                .map(AccessTarget::resolveMember)
                .flatMap(Optional::stream)
                .filter(member -> member.getOwner().getPackageName().startsWith("dev.simul"))
                .map(member -> member.getOwner().getName() + "." + member.getName() + member.getDescriptor())
                .collect(Collectors.toSet());
    }
}
