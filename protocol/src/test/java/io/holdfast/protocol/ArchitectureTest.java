package io.holdfast.protocol;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.holdfast.protocol.task.TaskRules;
import io.holdfast.protocol.task.TaskState;
import io.holdfast.protocol.wire.WireJson;
import java.io.IOException;
import java.time.Clock;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What this module must never do: no clock, no chance, no I/O, no threads. */
class ArchitectureTest {
  private static final JavaClasses MODULE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.holdfast.protocol");

  private static final Set<String> CLOCKS =
      Set.of(
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.lang.Math.random",
          "java.util.UUID.randomUUID");

  @Test
  void itKnowsNothingButJavaJacksonAndItself() {
    classes()
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("java..", "com.fasterxml.jackson..", "io.holdfast.protocol.."))
        .because("agent and master both stand on it, and neither may bring the other anything else")
        .check(MODULE);
  }

  @Test
  void itDoesNoInputOrOutput() {
    noClasses()
        .that(
            not(
                DescribedPredicate.describe(
                    "WireJson", type -> type.isEquivalentTo(WireJson.class))))
        .should()
        .dependOnClassesThat(resideInAnyPackage("java.io..", "java.net..", "java.nio.."))
        .because("the rules are pure")
        .check(MODULE);
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.io..", "java.net..", "java.nio..")
                .and(
                    not(
                        DescribedPredicate.describe(
                            "IOException", type -> type.isEquivalentTo(IOException.class)))))
        .because("Jackson declares an IOException even for bytes in memory, and that is all")
        .check(MODULE);
  }

  @Test
  void itHasNoClockAndNoChance() {
    noClasses()
        .should()
        .callMethodWhere(
            DescribedPredicate.<JavaCall<?>>describe(
                "asks for the time or for chance",
                call -> {
                  String owner = call.getTargetOwner().getName();
                  return CLOCKS.contains(owner + "." + call.getName())
                      || (owner.startsWith("java.time.") && call.getName().equals("now"));
                }))
        .because("time, ids and chance are parameters, so that a run can be replayed")
        .check(MODULE);
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Clock.class, Random.class, UUID.class)
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.time\\.InstantSource|java\\.util\\.(random|concurrent)\\..*")
        .because("time, ids and chance are parameters, so that a run can be replayed")
        .check(MODULE);
  }

  @Test
  void itHasNoThreads() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Thread.class, ThreadLocal.class, Runtime.class, Process.class)
        .because("who calls a rule decides when")
        .check(MODULE);
  }

  @Test
  void itKeepsNothingBetweenCalls() {
    fields()
        .that()
        .doNotHaveModifier(JavaModifier.SYNTHETIC)
        .should()
        .beFinal()
        .because("messages and states are values")
        .check(MODULE);
  }

  @Test
  void onlyEvolveChangesTheStateOfATask() {
    constructors()
        .that()
        .areDeclaredIn(TaskState.class)
        .should()
        .onlyBeCalled()
        .byCodeUnitsThat(
            DescribedPredicate.describe(
                "are TaskRules.evolve, or the constant TaskState.UNKNOWN",
                (JavaCodeUnit unit) -> {
                  JavaClass owner = unit.getOwner();
                  return (owner.isEquivalentTo(TaskRules.class) && unit.getName().equals("evolve"))
                      || (owner.isEquivalentTo(TaskState.class)
                          && unit.getName().equals("<clinit>"));
                }))
        .because("a state that no event led to is lost with the next restart")
        .check(MODULE);
  }
}
