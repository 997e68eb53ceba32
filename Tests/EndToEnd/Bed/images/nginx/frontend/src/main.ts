console.log("Dioptra");
